#!/usr/bin/env python3
"""Whether guests type under the control program what they type alone on the bare machine.

    alike.py run --replace FOLDER/privileged.c MASKS=masks.asm:16K NEIGHBOR=neighbor.asm:4K --and PRIVOP=privop.asm:16K
    alike.py look MASKS "SSM " "STNSM "
    alike.py count MASKS SIMULATED 10 90

`run` builds the control program, with the file in place of its own of that name, and runs it on the bare machine, and each of
its guests alone; `look` compares the lines of a guest that begin with one of the texts, or all, and how it ended; `count` looks at a figure of
the control program's own report. What they found is in the folder `run` meanwhile. Exit codes: 0 all is alike, 1 not, and
what is printed says what; 2 something is missing on this computer.

VMCP names the program vmcp.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

import build

HERE = os.path.dirname(os.path.abspath(__file__))
VMCP = os.environ.get("VMCP", os.path.join(HERE, "../../build/release/vmcp"))
COMPILER = os.environ.get("CROSS_COMPILE", "s390x-linux-gnu-") + "gcc"
FOLDER = "run"
MODEL = "s370-158-gcc"
MOST_INSTRUCTIONS = 25_000_000
ENDS = {"BAD0A0": "it executed a SUPERVISOR CALL itself", "BAD0C0": "there was a machine check",
        "BAD10D": "there is no console"}


def not_alike(text):
    print(text)
    sys.exit(1)


def cannot(text):
    print(text)
    sys.exit(2)


def copy_of_program(files):
    """The sources, with these in the place of those of the same name."""
    program = os.path.join(FOLDER, "program")
    os.makedirs(program)
    for name in os.listdir(HERE):
        if name.endswith((".c", ".h", ".S")):
            shutil.copy(os.path.join(HERE, name), program)
    for file in files:
        shutil.copy(file, program)
    return program


def build_program(options, core):
    program = copy_of_program(options.replace)
    done = subprocess.run([sys.executable, os.path.join(HERE, "build.py"), "--vmcp", VMCP, "--program", program, "--flag=-I" + program,
                           "--flag=" + options.optimize, "-o", core, *options.guests], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return
    lines = [line.replace(program + "/", "") for line in done.stdout.splitlines()]
    told = [line for line in lines if re.search(r": error:|undefined reference|multiple definition|reaches into", line)]
    if not told:
        cannot("\n".join(["The control program could not be built:"] + lines[-5:]))
    not_alike("\n".join(["It cannot be compiled:"] + told))


def native(core, storage):
    result = os.path.join(FOLDER, "result.json")
    subprocess.run([VMCP, "native", "--core", core, "--model", MODEL, "--json", result, "--no-host", "--max-instructions",
                    str(MOST_INSTRUCTIONS), *(["--storage", storage] if storage else [])],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(result, encoding="utf-8") as file:
        found = json.load(file)
    lines = [line["text"] for line in found["output"]["console"]]
    return lines, found["ending"]


def alone(guest):
    """What a guest types on the bare machine, and where it ends."""
    name, size, image = build.guest_of(guest, VMCP)
    core = os.path.join(FOLDER, name + ".core")
    with open(core, "wb") as file:
        file.write(image)
    lines, ending = native(core, f"{size >> 10}K")
    return {"lines": lines, "end": ending.get("wait_address", "000000")}


def by_guest(console):
    texts = {}
    for line in console:
        name, colon, text = line.partition(": ")
        if colon and not line.startswith("*"):
            texts.setdefault(name, []).append(text)
    return texts


def why_no_end(ending, console):
    """In words, where the control program did not stop as it does when all of its guests have ended."""
    address = ending.get("wait_address", "")
    if ending["kind"] == "disabled-wait" and address == "000000":
        return ""
    last = f" The last line was: {console[-1]}" if console else " Not one line was typed."
    if ending["kind"] == "disabled-wait":
        code = f"it had a program interruption of its own, code 00{address[4:]}" if address.startswith("BAD0") else address
        return f"The control program stopped, for {ENDS.get(address, code)}." + last
    if "limit" in ending["kind"]:
        return f"It goes on for ever: it was ended after {MOST_INSTRUCTIONS:,} instructions." + last
    return f"The control program did not come to its end: {ending['text']}." + last


def run_together(program, guests, compare):
    """What these guests type under the control program, and each of them alone."""
    core = os.path.join(FOLDER, "cp.core")
    with open(core, "wb") as file:
        file.write(build.with_guests(program, guests, VMCP))
    console, ending = native(core, None)
    return {"console": console, "guests": by_guest(console), "why": why_no_end(ending, console),
            "alone": {guest.split("=")[0]: alone(guest) if compare else None for guest in guests}}


def run(options, compare=True):
    if shutil.which(COMPILER) is None:
        cannot(f"{COMPILER} is not installed: this lab needs Debian's package gcc-s390x-linux-gnu")
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    core = os.path.join(FOLDER, "program.core")
    build_program(options, core)
    with open(core, "rb") as file:
        program = file.read()[:build.DIRECTORY]
    found = [run_together(program, guests, compare) for guests in [options.guests, *options.together]]
    with open(os.path.join(FOLDER, "found.json"), "w", encoding="utf-8") as file:
        json.dump(found, file)


def what_was_found(guest):
    if not os.path.exists(os.path.join(FOLDER, "found.json")):
        cannot("There is nothing to look at: `run` comes first.")
    with open(os.path.join(FOLDER, "found.json"), encoding="utf-8") as file:
        return next(group for group in json.load(file) if guest in group["alone"])


def end_of(console, name):
    for line in console:
        match = re.fullmatch(rf"\*{name} ENDED AT ([0-9A-F]{{6}})", line)
        if match:
            return match[1]
    return None


def look(options):
    found = what_was_found(options.guest)
    bare = found["alone"][options.guest]
    lines = found["guests"].get(options.guest, [])
    wanted = [line for line in bare["lines"] if not options.begins or line.startswith(tuple(options.begins))]
    told = []
    for line in wanted:
        name = line[:28]
        came = line in lines or next((one for one in lines if one[:28] == name), None)
        if came is True:
            continue
        told += [f"bare machine:  {line}", f"yours:         {came or '(no such line)'}"]
        if came is None and found["why"]:
            told.append(found["why"])
        if came is None:
            break
    end = end_of(found["console"], options.guest)
    if not options.begins and not told and end != bare["end"]:
        told.append(f"bare machine:  it ends at {bare['end']}")
        told.append(f"yours:         it ends at {end}" if end else f"yours:         it does not end. {found['why']}")
    if told:
        not_alike("\n".join(told))


def count(options):
    found = what_was_found(options.guest)
    for line in found["console"]:
        match = re.match(rf"\*{options.guest} RAN .*\b{options.figure} (\d+)", line)
        if match and not options.least <= int(match[1]) <= options.most:
            not_alike(f"{options.guest}: {options.figure}: expected {options.least} to {options.most}, found {match[1]}")
        if match:
            return
    not_alike(f"The control program has not told what {options.guest} took. {found['why']}")


def main():
    parser = argparse.ArgumentParser(description="Compares guests of the control program in C with the bare machine.")
    does = parser.add_subparsers(dest="does", required=True)
    one = does.add_parser("run")
    one.add_argument("--replace", action="append", default=[], metavar="FILE.c")
    one.add_argument("--optimize", default="-O0", metavar="-O2", help="where it matters what the control program takes")
    one.add_argument("guests", nargs="+", metavar="NAME=FILE.asm:STORAGE[:ADDRESS=BYTES]...")
    one.add_argument("--and", dest="together", action="append", nargs="+", default=[], metavar="GUEST", help="likewise, in a run of their own")
    one = does.add_parser("look")
    one.add_argument("guest")
    one.add_argument("begins", nargs="*")
    one = does.add_parser("count")
    one.add_argument("guest")
    one.add_argument("figure", choices=["TRAPS", "SIMULATED", "REFLECTED", "SHADOW"])
    one.add_argument("least", type=int)
    one.add_argument("most", type=int)
    options = parser.parse_args()
    {"run": run, "look": look, "count": count}[options.does](options)


if __name__ == "__main__":
    main()

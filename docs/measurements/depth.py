#!/usr/bin/env python3
"""Runs a guest under the control program in C, and that under itself, natively and with VMCP below, and writes
docs/measurements/depth.md beside itself; and the same by interpretive execution.

  docs/measurements/depth.py                 write it (some minutes)
  docs/measurements/depth.py --check         exit code 1 if it is not what the program says now, but for the deepest level, which takes long

Needs Debian's gcc-s390x-linux-gnu.
"""

import argparse
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
FOLDER = SOURCE / "examples/control-program"
INTERPRETIVE = SOURCE / "examples/interpretive"
GUESTS = {"privop": 0x64, "asker": 0x640}  # rounds, so that both execute 1,600 privileged instructions
BETWEEN = 0x64
DEEPEST = 4  # natively; with VMCP below it is the scenario's
RUNGS = {
    "software": "simulated by software",
    "vma": "virtual-machine assist, for the first level alone",
    "nested": "the assists, and translation by hardware",
    "interpretive": "interpretive execution of the first level",
}


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"depth.py: {words[0]}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def build(program, folder, deepest, guest, host):
    """depth0.core and so on: the guest under so many control programs in C."""
    run(program, "asm", SOURCE / f"examples/guests/{guest}.asm", "-o", folder / "guest.core")
    core = bytearray((folder / "guest.core").read_bytes())
    core[0x3F0:0x3F8] = struct.pack(">II", BETWEEN, GUESTS[guest])
    (folder / "depth0.core").write_bytes(core)
    image, storage = f"GUEST={folder / 'depth0.core'}:16K", 0
    for depth in range(1, deepest + 1):
        core = folder / f"depth{depth}.core"
        run(sys.executable, FOLDER / "build.py", "--vmcp", program, "--program", host, "-o", core, image)
        storage += 192
        image = f"CP={core}:{storage}K"


def natively(program, folder, deepest, model):
    """Busy CPU time of each depth on the bare machine, and instructions."""
    figures = []
    for depth in range(deepest + 1):
        told = run(program, "native", "--core", folder / f"depth{depth}.core", "--model", model, "--storage", "1M", "--json", "-")
        figures.append(json.loads(told))
    return figures


def by_technique(program, folder, deepest, guest):
    """The same by trapping, and by interpretive execution without its own nesting and with it."""
    figures = {}
    for name, host in (("trap", FOLDER), ("interpretive", INTERPRETIVE)):
        cores = folder / f"{guest}-{name}"
        cores.mkdir()
        build(program, cores, deepest, guest, host)
        if name == "trap":
            figures[name] = natively(program, cores, deepest, "s370-158-gcc")
            continue
        for model in ("one-level", "nested"):
            figures[model] = natively(program, cores, deepest, INTERPRETIVE / f"{model}.toml")
    return figures


def climb(program, folder):
    for part in ("control-program", "guests"):
        (folder / part).mkdir()
    for name in (SOURCE / "examples/guests").iterdir():
        shutil.copy(name, folder / "guests")
    shutil.copy(FOLDER / "depth.toml", folder / "control-program")
    for depth in (1, 2):
        shutil.copy(folder / f"privop-trap/depth{depth}.core", folder / "control-program")
    told = run(program, "ladder", folder / "control-program/depth.toml", "--no-host", "--rungs", ",".join(RUNGS), "--json", "-")
    return json.loads(told)


def below_vmcp(program, folder):
    """The interpretive ones as virtual machines: CPU time of all levels."""
    scenario = folder / "interpretive"
    scenario.mkdir()
    for name in ("depth.toml", "nested.toml"):
        shutil.copy(INTERPRETIVE / name, scenario)
    for depth in (1, 2):
        shutil.copy(folder / f"asker-interpretive/depth{depth}.core", scenario)
    told = json.loads(run(program, "run", scenario / "depth.toml", "--json", "-"))
    return [vm["guest_ns"] + vm["cp_ns"] for vm in told["vms"]]


def times(figure, base):
    return f"{figure / base:,.1f}"


def interpretive_table(figures):
    lines = [
        "| control programs below the guest | trapping | interpretive execution, no nesting | with nesting |",
        "| --- | --- | --- | --- |",
    ]
    base = figures["trap"][0]["busy_ns"]
    for depth in range(len(figures["trap"])):
        cells = [times(figures[name][depth]["busy_ns"], base) for name in ("trap", "one-level", "nested")]
        lines.append(f"| {depth} | {' | '.join(cells)} |")
    return lines


def page(guests, ladder, below):
    native = guests["privop"]["trap"]
    base = native[0]["busy_ns"]
    lines = [
        "# A control program under a control program, measured",
        "",
        "Made by `docs/measurements/depth.py`. The guest is `privop.asm`, 1,600 privileged instructions with a hundred others between two of them. Each level is",
        "the control program in C ([control-program-in-c.md](../control-program-in-c.md)), which is executed; nothing of it is priced. Machine model",
        "`s370-158-gcc`; times are simulated CPU time.",
        "",
        "## On the bare machine",
        "",
        "| control programs below the guest | instructions | CPU time, ms | to the guest alone | to one level less |",
        "| --- | --- | --- | --- | --- |",
    ]
    for depth, figure in enumerate(native):
        less = times(figure["busy_ns"], native[depth - 1]["busy_ns"]) if depth else "-"
        lines.append(f"| {depth} | {figure['instructions']:,} | {figure['busy_ns'] / 1e6:,.1f} | {times(figure['busy_ns'], base)} | {less} |")
    lines += [
        "",
        "A machine on which a virtual machine can be made can be made again on that one: Popek and Goldberg's second theorem. What it costs: a privileged",
        "instruction of the innermost guest traps into the control program around it, whose own instructions for it (STPT, SPT, LPSW, LCTL among them) trap into",
        "the next one, and so on down. At the second level the guest's tables become shadow tables' shadow, so that the factor grows.",
        "",
        "## By interpretive execution",
        "",
        "The control program of `examples/interpretive/`, which has the machine execute its guest, under itself",
        "([interpretive-execution.md](../interpretive-execution.md#guests-of-guests)), beside the one that traps. The machine is the same, with `one-level.toml`: a guest's SIE comes",
        "out, and its control program simulates it; and `nested.toml`: the machine executes guests of guests. Entry and exit of the hardware are assumed (28.75 us together). CPU",
        "time in multiples of the guest alone.",
        "",
        "`privop`, whose instructions stay inside:",
        "",
        *interpretive_table(guests["privop"]),
        "",
        "`asker`, with as many privileged instructions, but TEST I/O, which comes out to the innermost control program:",
        "",
        *interpretive_table(guests["asker"]),
        "",
        "What stays inside stays inside at any depth: what a level more costs `privop` is the beginning of its control program (some 13,000 instructions) and",
        "longer walks through tables. What comes out, the innermost control program deals with, and goes on with its SIE. Where the machine has one level only, that SIE is an",
        "instruction that comes out to the next one, whose SIE for it comes out again: each exit of the innermost guest becomes two of the next level, four of the one below. With",
        "nesting it is one exit and one entry, wherever it happens. That is what an assist for the first level does not give, and hardware that stacks its levels does.",
        "",
        "## With VMCP below, by technique",
        "",
        "VMCP's control program (`vm370`, priced) is one level more, with the machine's help for *its* guest, which is the outermost control program in C. The",
        "figures are CPU time of all levels, in multiples of the guest alone on the bare machine.",
        "",
        "| technique of the first level | " + " | ".join(f"{depth} level{'' if depth == 1 else 's'}" for depth in (1, 2, 3)) + " |",
        "| --- | --- | --- | --- |",
    ]
    by_name = {rung["name"]: rung for rung in ladder["rungs"]}
    for name, what in RUNGS.items():
        cells = [times(guest["guest_ns"] + guest["cp_ns"], base) for guest in by_name[name]["guests"]]
        lines.append(f"| {what} (`{name}`) | {' | '.join(cells)} |")
    lines.append(f"| *none: the levels above alone, on the bare machine* | {' | '.join(times(native[d]['busy_ns'], base) for d in range(3))} |")
    vma, software = by_name["vma"]["guests"], by_name["software"]["guests"]
    saved = [1 - (v["guest_ns"] + v["cp_ns"]) / (s["guest_ns"] + s["cp_ns"]) for v, s in zip(vma, software)]
    lines += [
        "",
        f"Virtual-machine assist looks at one virtual PSW. With one level it saves {100 * saved[0]:.0f} % of the CPU time, with two {100 * saved[1]:.0f} %, with three "
        f"{100 * saved[2]:.0f} %: an",
        "inner guest runs in the problem state of the outer one, so what traps is no instruction that the assist may execute but an exception of the outer",
        "guest's own. Interpretive execution gives that exception to the outer guest without a control program: the first level all but",
        "disappears at every depth, and what is left is what the levels above take on the bare machine.",
        "",
        "Where the machine stacks its levels, a guest of VMCP that is executed interpretively may have guests so itself. `asker` in interpretive execution of VMCP, and under",
        "one and two of the control program of `examples/interpretive/` (`depth.toml` there), in multiples of it alone on the bare machine:",
        "",
        "| | 1 level | 2 levels | 3 levels |",
        "| --- | --- | --- | --- |",
        "| VMCP, and interpretive execution with nesting | " + " | ".join(times(figure, guests["asker"]["trap"][0]["busy_ns"]) for figure in below) + " |",
        "",
        "The figure falls because the control program right above `asker` simulates its TEST I/O: with one level that is VMCP, priced; with more the one in C, whose way is",
        "shorter. VMCP is not asked then.",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Writes docs/measurements/depth.md.")
    parser.add_argument("--vmcp", dest="program", default=SOURCE / "build/release/vmcp")
    parser.add_argument("--check", action="store_true", help="only say whether the page is what it should be")
    options = parser.parse_args()
    target = HERE / "depth.md"
    if not shutil.which("s390x-linux-gnu-gcc"):
        print("depth.py: expected s390x-linux-gnu-gcc (Debian's gcc-s390x-linux-gnu)", file=sys.stderr)
        sys.exit(77)  # skipped, for ctest
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        deepest = DEEPEST - 1 if options.check else DEEPEST
        guests = {guest: by_technique(options.program, folder, deepest, guest) for guest in GUESTS}
        text = page(guests, climb(options.program, folder), below_vmcp(options.program, folder))
    if not options.check:
        target.write_text(text)
        return
    kept = target.read_text().splitlines(keepends=True) if target.exists() else []
    if "".join(line for line in kept if not line.startswith(f"| {DEEPEST} |")) != text:
        sys.exit(f"{target.relative_to(SOURCE)} is not what the program says now: run docs/measurements/depth.py")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Climbs the ladder with the guests that come with VMCP, with guests in C and with operating systems, and writes
docs/measurements/ladder.md beside itself.

  docs/measurements/ladder.py                 write it (some minutes)
  docs/measurements/ladder.py --check         exit code 1 if it is not what the program says now of the guests that come with it

Operating systems whose tapes are not here (VMCP_SHARED, or ../shared beside the repository), and guests in C where there is no
compiler for them, keep the figures that the page has.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import virtual_io

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
WHOLE = "## Whole systems, and guests in C"


def percent(x):
    return f"{100 * x:.0f} %"


def band(published):
    low, high = percent(published["low"]), percent(published["high"])
    return low if low == high else f"{low} to {high}"


def climb(program, scenario, rungs=None):
    """The ladder of this scenario. An operating system that is still there at the end is well, too: exit code 3."""
    only = ["--rungs", ",".join(rungs)] if rungs else []
    done = subprocess.run([program, "ladder", scenario, *only, "--no-host", "--json", "-"], cwd=SOURCE, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise virtual_io.Mistake(f"vmcp ladder {scenario}: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def guests_in_c(folder):
    """A scenario of two, or none where they cannot be compiled."""
    if not shutil.which("s390x-linux-gnu-gcc"):
        return None
    text = '[machine]\nmodel = "s370-158-gcc"\nstorage = "8M"\n[run]\ntime_limit_ms = 1e8\n'
    for name in ("marks", "walker"):
        subprocess.run([SOURCE / "examples/c/build.sh", "-O2", "-o", folder / f"{name}.core", SOURCE / f"examples/c/{name}.c"], check=True)
        text += f'[[vm]]\nname = "{name}"\nstorage = "1M"\ncore = "{name}.core"\n'
    (folder / "c.toml").write_text(text)
    return folder / "c.toml"


def operating_system(system, folder):
    """A scenario with its devices dedicated and an operator, or none where its tapes are not here."""
    if any(not (virtual_io.SHARED / file).exists() for file in system.needs):
        return None
    devices = system.prepare(folder)
    (folder / "script.toml").write_text(system.script())
    text = '[machine]\nmodel = "s370-158"\nstorage = "8M"\n'
    text += "".join("[[machine.device]]\n" + virtual_io.device_lines(*device) for device in devices)
    text += "[run]\ntime_limit_ms = 1e8\n" + virtual_io.machine(system)
    text += "".join(f'[[vm.device]]\naddress = "{d[0]}"\ndedicate = "{d[0]}"\n' for d in devices)
    (folder / "system.toml").write_text(text)
    return folder / "system.toml"


# Software only, then VMA, then VMA and PMA, then an architecture for guests: Hitachi's own telling (Shoyama, 2006).
IN_ORDER = {"software": "software only", "vma": "VMA", "avm": "a preferred machine with direct I/O", "vms-es": "an architecture for guests with direct I/O"}


def system_lines(heading, what, result, in_order):
    rungs = result["rungs"]
    software = next(r for r in rungs if r["name"] == "software")
    lines = [f"### {heading}", "", what[0].upper() + what[1:] + ".", ""]
    lines += [
        "| rung | guest, s | CP, s | CP to native | CP to that on software | exits | assist hits | assumed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in rungs:
        hits = percent(r["assist_hits"] / r["assist_calls"]) if r["assist_calls"] else "-"
        lines.append(
            f"| {r['name']} | {r['guest_ns'] / 1e9:,.2f} | {r['cp_ns'] / 1e9:,.2f} | {percent(r['cp_ns'] / result['native_ns'])} | "
            f"{percent(r['cp_ns'] / software['cp_ns'])} | {r['exits']:,} | {hits} | {percent(r['assumed_share'])} |"
        )
    if in_order:
        of = {r["name"]: r["cp_ns"] for r in rungs}
        times = [of[name] for name in IN_ORDER]
        falls = all(above > below for above, below in zip(times, times[1:]))
        told_in_order = ", ".join(f"{what} {percent(time / result['native_ns'])}" for what, time in zip(IN_ORDER.values(), times))
        lines += ["", f"The order of what was published, by *CP to native*: {told_in_order}: {'it is the same' if falls else 'it is not the same'}."]
    lines += [""]
    told = []
    for r in rungs:
        p = r.get("published")
        if p and p["of"] != "overhead":
            told.append(f"{r['name']} to {p['than']}: {percent(p['ours'])} (published {band(p)}: {'inside' if p['inside'] else 'outside'})")
        elif p:
            told.append(f"{r['name']} to native: {percent(p['ours'])} (published {band(p)})")
    return lines + ["Beside what was published: " + "; ".join(told) + ".", ""]


def whole_systems(program, page_before, rungs):
    """Their part of the page, on these rungs. What cannot be run keeps what `page_before` has of it."""
    lines = [
        WHOLE,
        "",
        "Each alone, its disks and tapes dedicated, with an operator who answers at the same simulated pace. A system that polls its devices never waits",
        "natively: what traps cost it saves in polling, so that *CP to native* says less of it than of others. *CP to that on software* is the",
        "control program's time beside that of the rung `software`. Where the order is not that of what was published: these systems do much input and output,",
        "which comes out on every rung (OS/VS1 polls by TIO), and out of interpretive execution it costs an entry and an exit besides, which are assumed;",
        "TCH, which both ask before each SIO, expanded VMA answers, and interpretive execution does not. Bands that were told of other work are not expected",
        "to be met. Not interpreted: an operator who waits ten minutes at most for each answer gives up on such a system.",
        "",
    ]

    def before(heading):
        _, found, rest = page_before.partition(f"\n### {heading}\n")
        return (found.lstrip("\n") + rest.split("\n### ")[0].rstrip("\n") + "\n").split("\n") if found else []

    c = "`examples/c/marks.c` and `walker.c`: they compute, print what they found, and have little that traps"
    systems = [(s.name, s.what, lambda folder, s=s: operating_system(s, folder)) for s in (virtual_io.Bos360(), virtual_io.OsVs1())]
    for heading, what, scenario_in in [("Guests in C", c, guests_in_c), *systems]:
        with tempfile.TemporaryDirectory() as folder:
            scenario = scenario_in(pathlib.Path(folder))
            if scenario is None:
                print(f"{heading}: cannot be run here: the page keeps what it has", file=sys.stderr)
                lines += before(heading)
            else:
                lines += system_lines(heading, what, climb(program, scenario, rungs), scenario_in is not guests_in_c)
    return "\n".join(lines).rstrip("\n") + "\n"


def page(result):
    lines = [
        "# The ladder, measured",
        "",
        f"Made by `docs/measurements/ladder.py` (`vmcp ladder {result['scenario']['file']}`); machine model "
        f"`{result['models']['machine']['name']}` with the facilities of each",
        "rung. Each guest runs alone and unchanged; times are simulated, and sums over the guests. *CPU to native* is guest and control program "
        "together, in",
        "multiples of the CPU time on the bare machine. *Assumed* is the share of the control program's time that was charged at prices without a source.",
        "",
        "| rung | year | control program | assists | guests, ms | CP, ms | CPU to native | exits | assist hits | assumed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in result["rungs"]:
        hits = percent(r["assist_hits"] / r["assist_calls"]) if r["assist_calls"] else "-"
        lines.append(f"| {r['name']} | {r['year']} | {r['control_program']} | {r['assists']} | {r['guest_ns'] / 1e6:,.1f} | "
                     f"{r['cp_ns'] / 1e6:,.1f} | {r['cpu_to_native']:.2f} | {r['exits']:,} | {hits} | {percent(r['assumed_share'])} |")
    names = [g["name"] for g in result["rungs"][0]["guests"]]
    lines += ["", "CPU to native of each guest:", "", "| rung | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
    for r in result["rungs"]:
        lines.append(f"| {r['name']} | " + " | ".join(f"{g['cpu_to_native']:.2f}" for g in r["guests"]) + " |")
    lines += [
        "",
        "## Beside what was published",
        "",
        "No price is made to meet a figure. What was published of job streams of whole systems is no measure for these guests, which do little",
        "but what costs a control program most; shares of one rung in another are nearer to it.",
        "",
        "| rung | what | published | ours | | source |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    by_name = {r["name"]: r for r in result["rungs"]}
    for r in result["rungs"]:
        p = r.get("published")
        if not p:
            continue
        overhead = p["of"] == "overhead"
        what = "control-program time to native time" if overhead else f"control-program time to that on {p['than']}"
        if p["guests"] != "all":
            what += " (guests with devices of their own)"
        where = "of other work" if overhead else "inside" if p["inside"] else "outside"
        lines.append(f"| {r['name']} | {what} | {band(p)} | {percent(p['ours'])} | {where} | {p['source']} |")
    if "ecps" in by_name and "evma" in by_name:
        covered = by_name["evma"]["covered_share"]
        lines += [
            "",
            f"Why ECPS gains less here: the steps that it covers take {percent(covered)} of the control program's time with these guests, and took 79.55 % of the",
            f"kernel's time of those by which they were chosen. Nine tenths of {percent(covered)} is what goes; where the share is as published, the factor is "
            f"{1 / (1 - 0.9 * 0.7955):.1f}.",
        ]
    if "fast-io" in by_name:
        lines += [
            "",
            "Why fast I/O simulation gains less here: what is saved is the translation of four CCWs a read. The paths of start, interruption and scheduling",
            "are the same with it, and longer.",
        ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vmcp", type=pathlib.Path, default=SOURCE / "build/release/vmcp")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    program = options.vmcp.resolve()
    virtual_io.Program.path = program
    target = HERE / "ladder.md"
    before = target.read_text(encoding="utf-8")
    ladder = climb(program, "examples/scenarios/ladder.toml")
    text = page(ladder)
    if options.check:
        if before.partition("\n" + WHOLE)[0] == text:
            return 0
        print("docs/measurements/ladder.md is not what the program says: run docs/measurements/ladder.py")
        return 1
    # Interpreted, an operating system answers its operator after minutes: he gives up.
    rungs = [rung["name"] for rung in ladder["rungs"] if rung["name"] != "interpretation"]
    target.write_text(text + "\n" + whole_systems(program, before, rungs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except virtual_io.Mistake as mistake:
        print(f"ladder.py: {mistake}", file=sys.stderr)
        sys.exit(2)

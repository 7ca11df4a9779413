#!/usr/bin/env python3
"""Sets single operations of a guest beside those that Adams and Agesen measured, and writes docs/measurements/nano.md beside itself.

  docs/measurements/nano.py                 write it (some seconds)
  docs/measurements/nano.py --check         exit code 1 if it is not what the program says now
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
RUNGS = ("software", "binary-translation", "interpretive-shadow", "vma", "interpretive")

# What they call it, ours, and their cycles on a Pentium 4 of 3.8 GHz: natively, software VMM (binary translation), hardware VMM (the first VT-x, shadow
# page tables). From the text of the paper as it is quoted elsewhere; None: not known to us but for what `told` says.
PUBLISHED = (
    ("syscall", "svc", None, None, None, "hardware", "software: native and some 2,000 cycles; hardware: as natively"),
    ("in", "tio", 3209, 214, 15826, "software", ""),
    ("cr8wr", "stosm", None, 35, None, "software", "software 35 cycles, natively some four times as many, hardware about as natively"),
    ("call/ret", "call", 11, 51, 11, "hardware", ""),
    ("pgfault", "pgfault", 1093, 3927, 11242, "software", ""),
    ("divzero", "divzero", 889, 3223, 1014, "hardware", ""),
    ("ptemod", "ptemod", 1, 391, 12733, "software", ""),
)


def measured(program):
    told = subprocess.run(
        [str(program), "nano", "--rungs", ",".join(RUNGS), "--json", "-"], capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def time(ns):
    return f"{ns / 1000:,.1f}"


def winner(software, hardware):
    return "even" if abs(software - hardware) < 0.02 * hardware else "software" if software < hardware else "hardware"


def page(nano):
    by_name = {}
    for operation in nano["operations"]:
        costs = {cost["technique"]: cost["guest_ns"] + cost["cp_ns"] for cost in operation["cost"]}
        by_name[operation["name"]] = (operation, costs)
    lines = [
        "# Single operations, measured",
        "",
        "Made by `docs/measurements/nano.py` (`vmcp nano --rungs " + ",".join(RUNGS) + "`): CPU time of one operation, guest",
        "and control program together, as a mean of many. Simulated time, in microseconds; machine model `s370-158` with the facilities of each rung, control program",
        "`vm370`; the prices of translated code are assumed ([binary-translation.md](../binary-translation.md#what-it-costs)).",
        "",
        "| operation | natively | " + " | ".join(f"`{rung}`" for rung in RUNGS) + " |",
        "| --- |" + " --- |" * (len(RUNGS) + 1),
    ]
    for name, (operation, costs) in by_name.items():
        cells = [time(costs["native"])] + [time(costs[rung]) for rung in RUNGS]
        lines.append(f"| {operation['title']} | {' | '.join(cells)} |")
    lines += [
        "",
        "## Beside Adams and Agesen",
        "",
        "K. Adams and O. Agesen (ASPLOS 2006) measured single operations natively, under a software VMM that translates binary code, and under a hardware VMM on",
        "the first VT-x, which had no nested page tables: `binary-translation` and `interpretive-shadow` here. Their cycles, recalled or as quoted elsewhere, and who of",
        "the two is faster:",
        "",
        "| theirs | natively | software | hardware | faster | ours | software, µs | hardware, µs | faster | the same |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    same = 0
    notes = []
    for theirs, ours, native, software, hardware, faster, told in PUBLISHED:
        costs = by_name[ours][1]
        here = winner(costs["binary-translation"], costs["interpretive-shadow"])
        same += here == faster
        cells = ["-" if figure is None else f"{figure:,}" for figure in (native, software, hardware)]
        lines.append(f"| {theirs} | {' | '.join(cells)} | {faster} | `{ours}` | {time(costs['binary-translation'])} | "
                     f"{time(costs['interpretive-shadow'])} | {here} | {'yes' if here == faster else 'no'} |")
        if told:
            notes.append(f"*{theirs}*: {told}.")
    lines += ["", " ".join(notes), "", f"{same} of the {len(PUBLISHED)} are decided as there. Where they are not:", ""]
    lines += [
        "- *call/ret*: their translator moves code, and every return goes through a hash of addresses. Here code stays at its addresses",
        "  ([decision 16](../decisions/0016-translated-code-stays-where-it-was.md)), and call and return are as they are.",
        "- *cr8wr*, a write of the task priority, is a change of the mask here. Their hardware left the processor's own slow path to it; STOSM is a fast",
        "  instruction natively and in interpretive execution, and its translated sequence takes as long as some ten others.",
        "",
        "What later hardware did to the same operations is in the last column: with translation by hardware (`interpretive`) page faults and table entries do not come out",
        "any more, and of the software's three wins only input and output is left.",
        "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Writes docs/measurements/nano.md.")
    parser.add_argument("--vmcp", dest="program", default=SOURCE / "build/release/vmcp")
    parser.add_argument("--check", action="store_true", help="only say whether the page is what it should be")
    options = parser.parse_args()
    target = HERE / "nano.md"
    text = page(measured(options.program))
    if not options.check:
        target.write_text(text)
    elif not target.exists() or target.read_text() != text:
        sys.exit(f"{target.relative_to(SOURCE)} is not what the program says now: run docs/measurements/nano.py")


if __name__ == "__main__":
    main()

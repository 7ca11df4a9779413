#!/usr/bin/env python3
"""Climbs the ladder with the guests that come with VMCP, and writes docs/measurements/ladder.md beside itself.

  docs/measurements/ladder.py                 write it
  docs/measurements/ladder.py --check         exit code 1 if it is not what the program says now
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]


def percent(x):
    return f"{100 * x:.0f} %"


def band(published):
    low, high = percent(published["low"]), percent(published["high"])
    return low if low == high else f"{low} to {high}"


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
    done = subprocess.run([options.vmcp.resolve(), "ladder", "examples/scenarios/ladder.toml", "--no-host", "--json", "-"],
                          cwd=SOURCE, capture_output=True, text=True, check=True)
    text = page(json.loads(done.stdout))
    target = HERE / "ladder.md"
    if options.check:
        if target.read_text(encoding="utf-8") == text:
            return 0
        print("docs/measurements/ladder.md is not what the program says: run docs/measurements/ladder.py")
        return 1
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

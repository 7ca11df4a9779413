#!/usr/bin/env python3
"""Scenarios and programs come to the same results, byte for byte, on every executor.

usage: golden_executors.py VMCP
"""

import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = (
    "address-spaces", "assists", "binary-translation", "containers", "exits-together", "fairness", "hostile", "interpretation",
    "interpretive", "overcommit", "page-contention", "paravirtual", "privileged-rate", "rings", "shadow-vs-nested", "shared-segment",
    "spin-yield", "spooling", "task-priority", "timesharing",
)
PROGRAMS = ("churner", "interpreter", "paging-os", "primes", "rings", "selfcheck", "tasks", "tlb-misser", "walker")
EXECUTORS = ("interpreter", "translator", "auto")


def result(vmcp, executor, words):
    done = subprocess.run(
        [vmcp, *words, "--executor", executor, "--no-host", "--json", "-"], capture_output=True, check=False, timeout=100
    )
    return done.returncode, done.stdout, done.stderr


def main():
    vmcp = pathlib.Path(sys.argv[1]).resolve()
    runs = [("run", SOURCE / f"examples/scenarios/{name}.toml") for name in SCENARIOS]
    runs += [("native", SOURCE / f"examples/guests/{name}.asm", "--max-time", "20s") for name in PROGRAMS]
    wrong = 0
    for words in runs:
        first, *others = (result(vmcp, executor, words) for executor in EXECUTORS)
        code, output, said = first
        if not output:
            print(f"{words[1].name}: no result: exit code {code}: {said.decode().strip()}")
            wrong += 1
        for executor, other in zip(EXECUTORS[1:], others):
            if other[:2] != first[:2]:
                print(f"{words[1].name}: {executor} does not come to what the interpreter comes to")
                wrong += 1
    print(f"{len(runs)} runs on {len(EXECUTORS)} executors, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Host instructions that a trap, a turn, a page fault, a disk read and a block take, counted by valgrind's callgrind; and what
one instruction of kernels takes.

usage: bench/host_instructions.py [--programs FOLDER] [--bounds FILE] [--unoptimised WHY] [KEY...]

Each figure is the difference of two runs that differ in the number of rounds, less the same difference of a loop without
what is measured; so counts repeat exactly, whatever else the host does. KEY: dispatch, block, fill, page_in, read,
read_fast, read_native, a kernel (KERNELS), or a trap that bench_traps (in FOLDER, build/release unless said otherwise) knows; all that FILE names, or docs/performance.md shows,
if there is none. KEY with "translated_" in front: by the translator; else by the interpreter. With --bounds the exit status is 1 if a figure is above its bound in FILE. It is 77, that is
skipped, where there is no valgrind, or WHY is not empty: counts say nothing about an unoptimised build.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

COPIES = 8  # of the measured instruction in a round: kTrapCopies of bench/support/trap_kinds.hpp
FEW, MANY = 100, 300
TURNS = ("dispatch", "block", "fill", "page_in", "read", "read_fast", "read_native")  # of bench_turns
# Of bench_turns, too; their turns are instructions, some hundred or thousand a round.
KERNELS = ("pages", "linkage", "bytes", "moves", "mvcl", "strings", "float", "decimal", "ecmode", "bcmode", "modify")
FEW_TURNS, MANY_TURNS = 1000, 3500
FEW_ROUNDS, MANY_ROUNDS = 20, 100
# What the loop of a trap also has, and which other loop has that alone; else it is the empty one.
BESIDES = {"svc": "lpsw", "operation": "lpsw", "shadow": "ipte"}
TRANSLATED = "translated_"
ALL = ("ssm", "stnsm", "stosm", "lpsw", "svc", "stpt", "sio", "shadow", "ssm_assisted", "lpsw_assisted") + TURNS + KERNELS + tuple(
    TRANSLATED + key for key in ("ssm", "svc", "ssm_assisted", "block") + KERNELS
)
SKIPPED = 77


class Counter:
    def __init__(self, programs, executor):
        self.programs = programs
        self.environment = dict(os.environ, VMCP_EXECUTOR=executor)
        self.loops = {}

    def run(self, program, *arguments):
        """Instructions of one run, and what it printed."""
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--smc-check=all-non-file",
                   self.programs / program, *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, env=self.environment)
        collected = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode != 0 or not collected:
            said = [line for line in done.stderr.splitlines() if not line.startswith("==")]
            sys.exit("host_instructions: " + (said[-1] if said else f"{program} failed"))
        return int(collected[1]), done.stdout

    def loop(self, *arguments):
        """Instructions of MANY - FEW rounds of a loop of bench_traps."""
        if arguments not in self.loops:
            few, many = (self.run("bench_traps", arguments[0], n, *arguments[1:])[0] for n in (FEW, MANY))
            self.loops[arguments] = many - few
        return self.loops[arguments]

    def cost(self, key):
        if key in TURNS + KERNELS:
            rounds = (FEW_ROUNDS, MANY_ROUNDS) if key in KERNELS else (FEW_TURNS, MANY_TURNS)
            (few, done), (many, done_more) = (self.run("bench_turns", key, n) for n in rounds)
            return (many - few) / (int(done_more) - int(done))
        without = self.loop(BESIDES[key]) if key in BESIDES else self.loop("ipte" if key == "ipte" else "ssm", "empty")
        return (self.loop(key) - without) / (COPIES * (MANY - FEW))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--programs", type=pathlib.Path, default=root / "build/release", help="where bench_traps is")
    parser.add_argument("--bounds", type=pathlib.Path, help="TOML: the most that each may cost")
    parser.add_argument("--unoptimised", default="", metavar="WHY", help="skip, for this reason")
    parser.add_argument("keys", nargs="*", metavar="KEY")
    options = parser.parse_args()
    if options.unoptimised:
        print(f"skipped: {options.unoptimised}")
        return SKIPPED
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    bounds = tomllib.loads(options.bounds.read_text()) if options.bounds else {}
    interpreted, translated = Counter(options.programs, "interpreter"), Counter(options.programs, "translator")
    above = []
    print(f"{'':24} {'host instr.':>12}" + (f" {'bound':>8}" if bounds else ""))
    for key in options.keys or bounds or ALL:
        counter = translated if key.startswith(TRANSLATED) else interpreted
        cost = round(counter.cost(key.removeprefix(TRANSLATED)))
        print(f"{key:24} {cost:12}" + (f" {bounds[key]:8}" if key in bounds else ""), flush=True)
        if key in bounds and cost > bounds[key]:
            above.append(key)
    for key in above:
        print(f"{key} costs more than {options.bounds} promises")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())

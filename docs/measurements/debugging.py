#!/usr/bin/env python3
"""What going back costs: the host's time while a run is recorded, and for a step back far into it.

usage: debugging.py VMCP [-o FILE]

Writes a page of Markdown. Host time is that of the machine at hand, CPU seconds of all processes for ratios; the least of
three runs counts.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOOP = """\
LOOP     START 0
         USING LOOP,0
         DC    X'0008000000000200',63D'0'
BEGIN    L     3,=F'{turns}'
AGAIN    ST    3,WORD
         BCT   3,AGAIN
         LPSW  WELL
         DS    0D
WELL     DC    X'000A000000000000'
WORD     DC    F'0'
         END   BEGIN
"""
INSTRUCTIONS = 1_000_000_000
TRAPS = """\
title = "traps"
[machine]
model = "s370-158"
[control_program]
model = "vm370"
[run]
time_limit_ms = 3600000
[[vm]]
name = "ops"
storage = "64K"
guest = "{guest}"
patch = {{ "3F0" = "00003000", "3F4" = "00000064" }}
"""


def cpu_seconds(command, text):
    import resource
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least(command, text=""):
    return min(cpu_seconds(command, text) for _ in range(3))


class Session:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.read_until(r"^[0-9A-F]{6}  ")

    def read_until(self, pattern):
        while not re.search(pattern, line := self.process.stdout.readline()):
            assert line, "the debugger has ended"

    def say(self, command):
        """How long until the instruction where the run stands is shown, seconds."""
        begin = time.monotonic()
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.read_until(r"^[0-9A-F]{6}  ")
        return time.monotonic() - begin

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    vmcp = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="vmcp-debugging-") as folder:
        program = pathlib.Path(folder) / "loop.asm"
        program.write_text(LOOP.format(turns=INSTRUCTIONS // 2))
        short = pathlib.Path(folder) / "short.asm"
        short.write_text(LOOP.format(turns=INSTRUCTIONS // 4))
        traps = pathlib.Path(folder) / "traps.toml"
        traps.write_text(TRAPS.format(guest=ROOT / "examples/guests/privop.asm"))
        rows = []
        for name, bare, debugged in (
                (f"a loop, {INSTRUCTIONS // 2:,} instructions natively", [vmcp, "native", short], [vmcp, "debug", short]),
                ("`privop.asm` under the control program: mostly traps", [vmcp, "run", traps, "--quiet"], [vmcp, "debug", traps]),
                ("`overcommit.toml`", [vmcp, "run", ROOT / "examples/scenarios/overcommit.toml", "--quiet"],
                 [vmcp, "debug", ROOT / "examples/scenarios/overcommit.toml"])):
            without, recording = least(bare), least(debugged, "go\n")
            rows.append(f"| {name} | {without:.2f} s | {recording:.2f} s | {100 * (recording / without - 1):+.0f} % |")
        session = Session([vmcp, "debug", program])
        there = session.say(f"to @{INSTRUCTIONS - 1000}")
        backs = [session.say("back") for _ in range(5)]
        who = session.say("who WORD")
        session.close()
    page = f"""# What going back costs

Measured by `python3 docs/measurements/debugging.py build/release/vmcp`. Host time, of the machine at hand.

CPU time of a run, and of the same run in the debugger, which leaves checkpoints behind (`go` to the end):

| run | without | recording | more |
| --- | --- | --- | --- |
{chr(10).join(rows)}

A loop of {INSTRUCTIONS:,} instructions natively; getting to the last thousand takes {there:.1f} s. From there, elapsed time:

| | |
| --- | --- |
| `back`, one instruction (the slowest of five, one behind the other) | {max(backs):.2f} s |
| `who WORD`, the instruction that wrote a word last | {who:.2f} s |
"""
    if "-o" in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index("-o") + 1]).write_text(page)
    else:
        print(page, end="")


main()

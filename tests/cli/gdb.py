#!/usr/bin/env python3
"""vmcp debug --gdb with the real gdb: registers, breakpoints, watchpoints, stepping, forward and back.

usage: gdb.py VMCP

Each case gives gdb a script and says what its answers must show, in this order, as regular expressions. Ends with 77 where
gdb-multiarch is not installed; guests in C are left out where there is no compiler for them.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
VMCP = pathlib.Path(sys.argv[1]).resolve()
SCRIPT = ROOT / "vmcp/gdb/vmcp-gdb.py"
PATIENCE = 60  # seconds
FOLDER = tempfile.TemporaryDirectory(prefix="vmcp-gdb-")
failures = 0

PROGRAM = """\
PROGRAM  START 0
         USING PROGRAM,0
         DC    X'0008000000000200',63D'0'
BEGIN    LA    1,3
LOOP     BAL   14,ADD
         BCT   1,LOOP
         LPSW  WELL
ADD      L     2,SUM
         AR    2,1
         ST    2,SUM
         BR    14
         DS    0D
WELL     DC    X'000A000000000000'
SUM      DC    F'0'
         END   BEGIN
"""
NESTED = """\
NESTED   START 0
         USING NESTED,0
         DC    X'0008000000000200',63D'0'
BEGIN    LA    1,3
         BAL   14,OUTER
         L     15,=A(OTHER)
         BALR  14,15
         LPSW  WELL
OUTER    LA    2,1
LOOP     BAL   10,INNER
         LA    2,2
         BR    14
INNER    LA    3,1
SKIP     LA    3,2
         BR    10
OTHER    LA    4,1
         BR    14
         DS    0D
WELL     DC    X'000A000000000000'
         END   BEGIN
"""
ENDLESS = """\
ENDLESS  START 0
         USING ENDLESS,0
         DC    X'0008000000000200',63D'0'
LOOP     AR    1,1
         B     LOOP
         END   LOOP
"""


def path(name):
    return str(pathlib.Path(FOLDER.name) / name)


def check(what, text, patterns):
    """Each pattern must be found behind the one before."""
    global failures
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.MULTILINE).search(text, at)
        if found is None:
            failures += 1
            print(f"{what}: expected, in this order, {pattern!r}; gdb said:\n{text}\n")
            return
        at = found.end()


def arguments(commands, elf=None, script=True):
    start = ["gdb-multiarch", "-nx", "-batch", "-iex", "set pagination off", "-iex", "set confirm off",
             "-iex", "set debuginfod enabled off"]
    if script:
        start += ["-x", str(SCRIPT)]
    for command in commands:
        start += ["-ex", command]
    return start + ([elf] if elf else [])


def gdb(commands, elf=None, script=True):
    """What gdb says, with its errors."""
    run = subprocess.run(arguments(commands, elf, script), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
    return run.stdout.decode(errors="replace")


def piped(what):
    return f"target remote | {VMCP} debug --gdb - {what}"


def assemble(name, text):
    pathlib.Path(path(name + ".asm")).write_text(text)
    subprocess.run([VMCP, "asm", path(name + ".asm"), "--elf", path(name + ".elf")], check=True)
    return path(name + ".asm"), path(name + ".elf")


class Waiting:
    """vmcp that waits at a port of its own choice."""

    def __init__(self, *what):
        self.process = subprocess.Popen([VMCP, "debug", "--gdb", ":0", *what], cwd=ROOT, stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                        start_new_session=True)
        self.said = self.process.stderr.readline().decode()
        self.target = re.search(r'"(target remote 127\.0\.0\.1:\d+)"', self.said).group(1)

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)
        if (code := self.code()) != 130:
            check("interrupted", str(code), ["130"])

    def code(self):
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "still there"


def assembler_program():
    asm, elf = assemble("program", PROGRAM)
    text = gdb([piped(asm), "info registers pswm pswa r1 cr0 psw370", "x/3i $pc", "stepi", "next", "next", "step", "bt",
                "info line", "print SUM", "set var SUM = 40", "set $r1 = 2", "finish", "print SUM", "print $cc",
                "print/x $acr0"], elf)
    check("assembler, forward", text, [
        r"^pswm +0x80000 ", r"^pswa +0x80000200 ", r"^r1 +0x0 ", r"^cr0 +0xe0 ", r"^psw370 +0x8000000000200 ",
        r"<BEGIN>:\tLA    1,3$", r"<LOOP>:\tBAL   14,X'210'$", r"^5\tLOOP     BAL   14,ADD$",
        r"^6\t         BCT   1,LOOP$",  # next has gone over the call
        r"^5\tLOOP ", r"^8\tADD ", r"^#0  ADD \(\) .*:8$", r"^#1 .* in LOOP \(\) .*:5$",
        r"^Line 8 of .* <ADD>", r"= 3$", r"^6\t", r"= 42$", r"= 2$", r"<unavailable>"])
    text = gdb([piped(asm), "break ADD", "continue", "continue", "continue", "watch SUM", "reverse-continue",
                "reverse-continue", "print SUM", "delete", "reverse-continue", "stepi", "reverse-stepi", "reverse-stepi",
                "monitor where", "continue", "vmcp where", "reverse-stepi", "continue", "continue", "continue"], elf)
    check("assembler, back", text, [
        r"Breakpoint 1, ADD", r"Breakpoint 1, ADD", r"Breakpoint 1, ADD", r"watchpoint 2: SUM",
        r"watchpoint 2: SUM\n\nOld value = 5\nNew value = 3\n", r"^10\t +ST    2,SUM$",
        r"Breakpoint 1, ADD", r"= 3$",
        r"No more reverse-execution history", r"^4\tBEGIN ", r"^5\t", r"^4\t",
        r"No more reverse-execution history", r"at @0\.2, ",
        r"disabled wait", r"No more reverse-execution history", r"real machine at 000000",
        r"^7\t +LPSW  WELL$", r"disabled wait", r"exited normally"])
    # What is changed by hand is part of the run; in the end nothing can be changed.
    text = gdb([piped(asm), "stepi", "set $r5 = 0x1234", "set $cc = 2", "set var SUM = 5", "reverse-stepi", "print/x $r5",
                "print SUM", "stepi", "print/x $r5", "print $cc", "print SUM", "set $pc = BEGIN", "info line *$pc",
                "continue", "set $r5 = 1"], elf)
    check("assembler, altered", text, [
        r"^5\tLOOP ", r"^4\tBEGIN ", r"= 0x0$", r"= 0$", r"^5\tLOOP ", r"= 0x1234$", r"= 2$", r"= 5$",
        r"^Line 4 of", r"disabled wait", r"E\.the run has ended"])
    text = gdb([piped(asm), "stepi", "stepi", "info line"], elf, script=False)
    check("assembler, without the script", text, [r"^5\t", r"^8\tADD "])
    text = gdb(["set endian big", piped(asm), "x/i $pc", "stepi", "stepi", "bt", "set *(int*)0x228 = 77", "x/xw 0x228",
                "print $pc", "monitor nonsense"])
    check("assembler, without an ELF file", text, [
        r"0x200:\tLA    1,3$", r"^#0 +0x0*210 ", r"^#1 +0x0*208 ", r"0x228:\t0x0000004d", r"0x210$",
        r"nonsense: no command of this monitor"])


def nested_calls():
    asm, elf = assemble("nested", NESTED)
    text = gdb([piped(asm), "break SKIP", "continue", "bt", "finish", "finish", "delete", "next", "next", "next",
                "reverse-next", "reverse-next", "step", "bt", "finish", "reverse-next", "reverse-next", "reverse-next",
                "step", "next", "next"], elf)
    check("nested calls", text, [
        r"^#0  SKIP \(\) .*:14$", r"^#1 .* in LOOP \(\) .*:10$", r"^#2 .* in BEGIN \(\) .*:5$",
        r"^11\t", r"^6\t", r"^7\t", r"^8\t", r"No more reverse-execution history",
        r"^8\t", r"^7\t", r"^16\tOTHER ", r"^#1 .* in BEGIN \(\) .*:7$", r"^8\t", r"^7\t", r"^6\t", r"^5\t",
        r"^9\tOUTER", r"^10\tLOOP", r"^11\t"])


def forgotten_instructions():
    asm, elf = assemble("forgotten", "A        START 0\n         DC    X'0008000000000200'\n         ORG   A+X'200'\n"
                        "         SIO   9\n         TIO   9\n         HDV   9\n         ISK   1,2\n"
                        "         WRD   0,1\n         RRB   0\n         LR    1,2\n         END\n")
    text = gdb([piped(asm), "x/7i $pc"], elf)
    check("disassembly", text, [r"\tSIO   9$", r"\tTIO   9$", r"\tHDV   9$", r"\tISK   1,2$", r"\tWRD   0,X'01'$",
                                r"\tRRB   0$", r"\tLR    1,2$"])


def c_guest():
    if shutil.which("s390x-linux-gnu-gcc") is None:
        print("left out: s390x-linux-gnu-gcc is not installed")
        return
    core = path("marks.core")
    subprocess.run([ROOT / "examples/c/build.sh", "-O0", "-g", "-DROUNDS=1", "-o", core, ROOT / "examples/c/marks.c"],
                   check=True)
    text = gdb([piped(f"--model s370-158-gcc {core}"), "stepi", "break list_work", "continue", "bt", "print seed", "step",
                "bt", "finish", "watch items[3].key", "continue", "reverse-continue", "reverse-step", "delete",
                "reverse-continue"], core + ".elf")
    check("a guest in C", text, [
        r" in start \(\)", r"Breakpoint 1, list_work \(", r"^#0  list_work ", r"^#1 .* in main \(\)", r"^\$1 = \d+",
        r"^make_list \(", r"^#1 .* in list_work ", r"Value returned is",
        r"watchpoint 2: items\[3\]\.key", r"No more reverse-execution history|Old value"])


def virtual_machine():
    elf = path("tasks.elf")
    subprocess.run([VMCP, "asm", ROOT / "examples/guests/tasks.asm", "--elf", elf], check=True, cwd=ROOT)
    vmcp = Waiting("--vm", "TASKS", "examples/scenarios/timesharing.toml")
    check("the line to use", vmcp.said, [r"waiting for gdb: gdb-multiarch -x .*vmcp-gdb.py -ex .*target remote"])
    text = gdb([vmcp.target, "monitor machines", "info line", "stepi", "reverse-stepi", "break SVCINT", "continue",
                "monitor explain", "bt", "monitor where", "delete", "monitor stop cause LPSW", "continue",
                "monitor explain", "reverse-continue", "monitor clear 2", "reverse-continue", "detach"], elf)
    check("a virtual machine", text, [
        r"^\*  \d tasks$", r"^Line \d+ of .* <BEGIN>", r"^\d+\t", r"^\d+\tBEGIN ",
        r"Breakpoint 1, SVCINT", r"^tasks at .*supervisor-call interruption", r"^#0  SVCINT", r"^tasks at .* SVCINT$",
        r"^stop \d", r"cause LPSW", r"^tasks at .*LPSW", r"cause LPSW", r"is gone", r"No more reverse-execution history", r"detached"])
    if (code := vmcp.code()) != 0:
        check("detached", str(code), ["0, for the run has ended"])


def interrupted():
    asm, elf = assemble("endless", ENDLESS)
    vmcp = Waiting(asm)
    debugger = subprocess.Popen(arguments([vmcp.target, "echo going\\n", "continue", "info line", "print/x $pc",
                                           "reverse-stepi", "kill"], elf), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = ""
    while "going" not in text:
        text += debugger.stdout.readline().decode()
    time.sleep(0.5)
    os.kill(debugger.pid, signal.SIGINT)
    text += debugger.communicate(timeout=PATIENCE)[0].decode()
    check("Ctrl-C", text, ["going", "SIGINT", r"^Line [45] of", r"= 0x20[02]$", r"^[45]\t"])
    if (code := vmcp.code()) != 0:
        check("killed", str(code), ["0, for gdb has ended it"])
    # Ctrl-C at vmcp's own terminal, while it waits for gdb and while it runs.
    vmcp = Waiting(asm)
    vmcp.interrupt()
    vmcp = Waiting(asm)
    debugger = subprocess.Popen(arguments([vmcp.target, "echo going\\n", "continue"], elf), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while "going" not in debugger.stdout.readline().decode():
        pass
    vmcp.interrupt()
    debugger.communicate(timeout=PATIENCE)
    vmcp = Waiting(asm)
    debugger = subprocess.Popen(arguments([vmcp.target, "echo going\\n", "continue"], elf), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while "going" not in debugger.stdout.readline().decode():
        pass
    debugger.kill()
    debugger.wait()
    if (code := vmcp.code()) != 0:
        check("gdb has gone", str(code), ["0, for nobody is left"])


def wrong_uses():
    for what, code, said in [(["--gdb", "nonsense", "x.asm"], 2, "expected a port"),
                             (["--gdb", ":0", "--vm", "NOBODY", "examples/scenarios/timesharing.toml"], 1,
                              'there is no virtual machine "NOBODY"')]:
        run = subprocess.run([VMCP, "debug", *what], cwd=ROOT, capture_output=True, check=False, timeout=PATIENCE)
        check(" ".join(what), f"{run.returncode}: {run.stderr.decode()}", [f"^{code}: .*{said}"])


def main():
    if shutil.which("gdb-multiarch") is None:
        print("skipped: gdb-multiarch is not installed")
        sys.exit(77)
    for case in (assembler_program, nested_calls, forgotten_instructions, c_guest, virtual_machine, interrupted, wrong_uses):
        before = time.monotonic()
        case()
        print(f"{case.__name__}: {time.monotonic() - before:.1f} s of host time")
    sys.exit(1 if failures else 0)


main()

#!/usr/bin/env python3
"""vmcp debug at its prompt and on its screen: forward and back, stops, alterations, and that looking changes nothing.

usage: debug.py VMCP

Sessions are commands on standard input; what they must show is said in regular expressions, in this order. That a debugged
run is the run that it is without a debugger is shown by where it ends, after going fast and after going instruction by
instruction. The screen is tmux's; that part is left out where it is not installed.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from terminal import NotShown, Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
VMCP = pathlib.Path(sys.argv[1]).resolve()
FOLDER = tempfile.TemporaryDirectory(prefix="vmcp-debug-")
HELLO = ROOT / "examples/guests/hello.asm"
TIMESHARING = ROOT / "examples/scenarios/timesharing.toml"
failures = 0

COUNT = """\
COUNT    START 0
         USING COUNT,0
         DC    X'0008000000000200',63D'0'
BEGIN    LA    1,3
LOOP     BAL   14,ADD
         BCT   1,LOOP
         SVC   7
ADD      L     2,SUM
         AR    2,1
         ST    2,SUM
         BR    14
SUM      DC    F'0'
         END   BEGIN
"""


def file_of(name, text):
    path = pathlib.Path(FOLDER.name) / name
    path.write_text(text)
    return path


def complain(what):
    global failures
    failures += 1
    print(what)


def session(arguments, commands, status=0):
    run = subprocess.run([VMCP, "debug", *map(str, arguments)], input="\n".join(commands) + "\n", text=True,
                         capture_output=True, timeout=120)
    if run.returncode != status:
        complain(f"{arguments}: exit status {run.returncode} and not {status}\n{run.stderr}")
    return run.stdout + run.stderr


def case(name, arguments, commands, *expected, status=0):
    """Each of `expected` must match behind the one before."""
    text, at = session(arguments, commands, status), 0
    for pattern in expected:
        found = re.compile(pattern, re.MULTILINE).search(text, at)
        if found is None:
            return complain(f"{name}: /{pattern}/ does not come, behind {at} characters of\n{text}")
        at = found.end()


def end_of(arguments, commands):
    """Where a run ends: instructions, and simulated time as it is shown."""
    text = session(arguments, commands)
    found = re.search(r"has ended.*? at @(\d+) \(end\), ([^;\n]+)", text, re.DOTALL)
    return found.groups() if found else complain(f"{arguments}: no end in\n{text}")


def nothing_changes(arguments, instructions=None):
    fast = end_of(arguments, ["go"])
    slow = end_of(arguments, ["machine real", "stop at FFFFFE", "go"])
    if fast != slow:
        complain(f"{arguments}: ends at {fast} when it runs, and at {slow} step by step")
    back = end_of(arguments, ["go", "back 3", "back trap", "back 40", "go"]) if fast else None
    if fast != back:
        complain(f"{arguments}: ends at {fast}, and at {back} after going back")
    if instructions is not None and fast and int(fast[0]) != instructions:
        complain(f"{arguments}: {fast[0]} instructions, and {instructions} without a debugger")


def natively(program):
    run = subprocess.run([VMCP, "native", program, "--json", "-"], capture_output=True, text=True, timeout=60)
    return json.loads(run.stdout)["instructions"]


def prompt():
    count = file_of("count.asm", COUNT)
    case("steps", [count], ["step", "step", "back", "step 3", "back 2", "over"],
         r"000200 .*LA    1,3", r"@1,.*\n.*\nLOOP:\n000204", r"\nADD:\n", r"\nLOOP:\n", r"\nADD\+6:\n", r"\nADD:\n",
         r"ADD\+4:")
    case("over a call", [count], ["step", "over", "back over", "display g14"],
         r"\nLOOP:\n", r"\nLOOP\+4:\n000208 .*BCT", r"\nLOOP:\n", r"G14  00000000")
    case("changed by", [count], ["go", "who SUM", "who SUM.4", "who SUM", "who SUM"],
         r"stop 1: change of 00021C.4: 00000005 becomes 00000006", r"ADD\+6:\n0002.* ST ",
         r"00000003 becomes 00000005", r"00000000 becomes 00000003", r"begins: nothing lies before")
    case("a stop of each kind", [count],
         ["stop at ADD", "stop", "go", "go", "back go", "stop off 1", "stop change SUM", "go", "stop off",
          "stop svc 7", "go", "stop off", "stop program", "go"],
         r"stop 1: address 00020E \(ADD\)", r"stop 1: address 00020E \(ADD\), real machine", r"@2,", r"@8,", r"@2,",
         r"stop 2: change of", r"ADD\+A:", r"stop 3: SVC 7", r"supervisor-call interruption, number 7", r"stop 4", r"code 0001: operation")
    case("symbols and storage", [count], ["display SUM LOOP+4.4", "list LOOP", "store SUM 0000000A", "go", "display sum"],
         r"^00021C  00000000", r"^000208  46100204", r"000204 .*LOOP", r"has ended", r"^00021C  00000010")
    case("what was altered is met again", [count], ["step 2", "store g1 1", "go", "back go", "go", "display g1 sum"],
         r"has ended", r"begins", r"has ended", r"G1   00000000", r"^00021C  00000001")
    case("back from the end", [count], ["go", "back interruption", "log 1", "back moment"], r"has ended",
         r"supervisor-call interruption, number 7|program interruption")
    case("wrong words", [count], ["stop at nowhere"], r"standard input:1: STOP: 'nowhere': expected a hexadecimal",
         status=1)
    case("what is not there", [count], ["fly"], r"standard input:1: unknown command 'fly': expected", status=1)
    case("a time", [ROOT / "examples/guests/primes.asm"], ["stop time 20ms", "go", "back 2"], r"stop 1: time 20.00 ms",
         r"@\d+, 20\.00 ms", r"@\d+, (19\.99|20\.00) ms")
    case("a position", [HELLO], ["to @20", "to @6.1", "log 1"], r"@20,", r"@6\.1,", r"console: HELLO FROM A SYSTEM/370")
    case("a line for the program", [ROOT / "examples/guests/echo.asm"],
         ["step 3", "/HELLO THERE", "stop console HELLO THERE", "go", "to @9999999"], r"stop 1: console text",
         r"console: .*HELLO THERE", r"has ended")
    case("virtual machines", [TIMESHARING, "--vm", "HELLO"],
         ["trap", "moment", "moment", "back moment 2", "step", "switch", "machine real", "stop cause LPSW", "go",
          "stop console GOOD BYE", "query"],
         r"hello: the real machine takes a program interruption, code 0002.*SIO", r"takes over from the guest",
         r"fetches a trapped I/O instruction", r"hello: the real machine takes", r"executes hello",
         r"cpu1: goes on", r"stop 1: exit cause LPSW", r"stop 2: console text", r"\* real machine")
    case("no such machine", [TIMESHARING, "--vm", "nobody"], [], r'there is no virtual machine "nobody"', status=1)


def exactness():
    count = file_of("count.asm", COUNT)
    nothing_changes([HELLO], natively(HELLO))
    nothing_changes([count], natively(count))
    # Table walks within a block of instructions take time: its end must not move when somebody looks (interpretive).
    for name in ("exits-together", "binary-translation", "interpretive"):
        nothing_changes([ROOT / f"examples/scenarios/{name}.toml"])


def screen():
    for columns, lines in ((80, 24), (120, 40), (60, 20)):
        terminal = Terminal(f"{VMCP} debug {TIMESHARING} --vm HELLO; echo ended $?; sleep 60", columns, lines)
        try:
            terminal.expect(r"in front of the first instruction")
            terminal.keys("t")
            text = terminal.expect(r"REAL( MACHINE)?: control program .*VIRTUAL MACHINE hello")
            if text and any(len(line) > columns for line in text.splitlines()):
                complain(f"screen of {columns} columns: a line is longer")
            terminal.expect(r"@3\.1 ")
            terminal.keys("Down")
            terminal.expect(r"@3\.2 ")
            terminal.keys("Up")
            terminal.expect(r"@3\.1 ")
            terminal.keys("S")
            terminal.expect(r"@3 ")
            terminal.keys("?")
            terminal.expect(r"Small letters go on, capitals go back")
            terminal.keys(":", "stop console GOOD BYE", "Enter")
            terminal.expect(r'stop 1: console text "GOOD BYE"')
            terminal.keys("g")
            terminal.expect(r"VMCP: stop 1: console text")
            terminal.keys("q")
            terminal.expect(r"^ended 0")
        except NotShown as what:
            complain(f"screen of {columns} columns: {what}")
        finally:
            terminal.close()


prompt()
exactness()
if shutil.which("tmux"):
    screen()
sys.exit(1 if failures else 0)

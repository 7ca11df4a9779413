#!/usr/bin/env python3
"""A student's, a teacher's and a researcher's whole sessions, typed at a terminal (tmux) as they would type them.

usage: sessions.py VMCP

Ends with 77 where tmux is not installed.
"""

import csv
import json
import pathlib
import shutil
import sys
import tempfile

from terminal import NotShown, Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
VMCP = pathlib.Path(sys.argv[1]).resolve()
# The shell that starts it forgets its prompt.
SHELL = "env 'PS1=$ ' bash --norc --noprofile"
MODEL = ROOT / "examples/labs/teacher/01-first-guest/model"


def student(folder):
    """The first lab, from the list to the verdict, with a look at what is wrong in the debugger."""
    terminal = Terminal(SHELL, 100, 40, folder, VMCP.parent)
    try:
        terminal.type("vmcp lab list", r"1 .*first guest")
        terminal.type("vmcp lab start 1", r"lab-1")
        terminal.type("cd lab-1; ls", r"handout\.md")
        terminal.type("vmcp lab check 1", r"not yet")
        terminal.type("vmcp lab hint 1", r"\S+ \S+")
        terminal.keys("clear", "Enter")
        terminal.keys("vmcp debug *.asm", "Enter")
        terminal.expect(r"in front of the first instruction")
        terminal.keys("g")
        terminal.expect(r"the run has ended")
        terminal.keys("S")
        terminal.expect(r"VMCP: stopped")
        terminal.keys("q")
        terminal.expect(r"^\$ *$")
        for file in MODEL.iterdir():
            shutil.copy(file, folder / "lab-1")
        terminal.type("vmcp lab check 1; echo code $?", r"code 0")
    finally:
        terminal.close()


def teacher(folder):
    """A class is graded: one who has it, one who has only the starter, one who has handed in nothing."""
    shutil.copytree(MODEL, folder / "class/anna")
    shutil.copytree(ROOT / "examples/labs/01-first-guest/starter", folder / "class/bob")
    (folder / "class/carl").mkdir()
    terminal = Terminal(SHELL, 100, 40, folder, VMCP.parent)
    try:
        terminal.type("vmcp lab grade 1 class --csv grades.csv; echo code $?", r"code \d")
        with open(folder / "grades.csv", encoding="utf-8") as file:
            grades = {row["submission"]: row for row in csv.DictReader(file)}
        if set(grades) != {"anna", "bob", "carl"}:
            raise NotShown(f"the class in the grades: {grades}")
        points = {name: int(row["points"]) for name, row in grades.items()}
        if not points["anna"] > max(points["bob"], points["carl"]):
            raise NotShown(f"more points for who has it: {grades}")
        terminal.type(f"vmcp check {ROOT}/examples/scenarios/exercise.toml; echo code $?", r"code \d")
    finally:
        terminal.close()


def researcher(folder):
    """A run twice with the same bytes, compared with the bare machine, as a page; and a trap looked at."""
    scenario = ROOT / "examples/scenarios/privileged-rate.toml"
    terminal = Terminal(SHELL, 120, 50, folder, VMCP.parent)
    try:
        for name in ("one", "two"):
            terminal.type(f"vmcp run {scenario} --quiet --json {name}.json --no-host; echo code $?", r"code 0")
        if (folder / "one.json").read_bytes() != (folder / "two.json").read_bytes():
            raise NotShown("the same bytes of two runs")
        if not json.loads((folder / "one.json").read_text())["vms"]:
            raise NotShown("virtual machines in the result")
        terminal.type(f"vmcp compare {scenario} | head -30", r"(?i)native")
        terminal.type("vmcp report one.json -o one.html; echo code $?", r"code 0")
        if "<html" not in (folder / "one.html").read_text():
            raise NotShown("a page of the run")
        terminal.keys("clear", "Enter")
        terminal.keys(f"vmcp debug {scenario}", "Enter")
        terminal.expect(r"in front of the first instruction")
        terminal.keys("t")
        terminal.expect(r"REAL MACHINE: control program")
        terminal.keys("q")
        terminal.expect(r"^\$ *$")
    finally:
        terminal.close()


if shutil.which("tmux") is None:
    sys.exit(77)
failures = 0
for session in (student, teacher, researcher):
    with tempfile.TemporaryDirectory(prefix="vmcp-session-") as name:
        try:
            session(pathlib.Path(name))
        except NotShown as what:
            failures += 1
            print(f"{session.__name__}: {what}")
sys.exit(1 if failures else 0)

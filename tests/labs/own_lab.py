#!/usr/bin/env python3
"""A lab of one's own, as docs/labs-for-teachers.md makes it; and what vmcp lab does with folders, languages and widths.

usage: own_lab.py VMCP

Prints a line for each thing that is not so; the exit status is 1 if there was one.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCENARIO = """title = "Sum"
[[vm]]
name = "adder"
storage = "64K"
guest = "../adder.asm"
[[vm.expect]]
name = "sum"
registers = { R3 = "2A" }
[[vm.expect]]
name = "ending"
ending = "disabled-wait 000000"
"""
ADDER = """ADDER    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
BEGIN    L     R3,ONE
         A     R3,OTHER
         LPSW  WELL
WELL     DC    0D'0',X'00020000',A(0)
ONE      DC    F'40'
OTHER    DC    F'2'
         END
"""
BAD = []


def check(what, holds, shown=""):
    if not holds:
        BAD.append(f"{what}: {shown}")


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    vmcp = str(pathlib.Path(sys.argv[1]).resolve())

    def run(*arguments, **environment):
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "COLUMNS"))}
        done = subprocess.run([vmcp, "lab", *arguments], capture_output=True, text=True, env={**settings, **environment}, check=False)
        return done.returncode, done.stdout, done.stderr

    page = (ROOT / "docs/labs-for-teachers.md").read_text()
    section = page.split("## From an expectation file to a lab")[1]
    described = re.search(r"```toml\n(.*?)```", section, re.S)[1]
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        lab = pathlib.Path("my-labs/01-adder")
        for name, text in (("lab.toml", described), ("checks/sum.toml", SCENARIO), ("handout.md", "# Add\n"),
                           ("starter/adder.asm", ADDER.replace("         A     R3,OTHER\n", "*        TODO\n"))):
            (lab / name).parent.mkdir(parents=True, exist_ok=True)
            (lab / name).write_text(text)
        own = ("--labs", "my-labs")
        code, said, _ = run("list", *own)
        check("list of one's own", code == 0 and "Add two numbers" in said, said)
        code, said, _ = run("start", "1", *own)
        check("start", code == 0 and "lab-1/adder.asm" in said and "vmcp lab check 1 --labs my-labs" in said, said)
        check("what was laid down", sorted(str(p) for p in pathlib.Path("lab-1").rglob("*.*")) ==
              ["lab-1/adder.asm", "lab-1/checks/sum.toml", "lab-1/handout.md"], list(pathlib.Path("lab-1").rglob("*")))
        code, said, _ = run("check", "1", *own)
        check("the starter", code == 1 and "R3 is not the sum of the two words." in said and "expected 0000002A" in said, said)
        pathlib.Path("lab-1/adder.asm").write_text(ADDER)
        code, said, _ = run("start", "1", *own)
        check("nothing is overwritten", code == 0 and "stays as it is" in said and pathlib.Path("lab-1/adder.asm").read_text() == ADDER, said)
        pathlib.Path("lab-1/checks/sum.toml").write_text("nonsense")  # the lab's own is taken
        code, said, _ = run("check", "1", *own)
        check("the answer", code == 0 and "1 of 1 checks, 1 of 1 points: the lab is done" in said, said)
        for place in ("lab-1", "."):
            os.chdir(pathlib.Path(work) / "lab-1" if place == "." else work)
            code, said, _ = run("check", "1", "--labs", f"{work}/my-labs", *(() if place == "." else (place,)))
            check(f"the answer in {place}", code == 0, said)
        os.chdir(work)
        code, said, _ = run("check", "1", *own, "--json", "-")
        verdict = json.loads(said)
        check("JSON", verdict["outcome"] == "passed" and verdict["checks"][0]["name"] == "adds" and verdict["points"] == 1, said)
        code, said, _ = run("check", "1", *own, "--json", "nowhere/verdict.json")
        check("JSON that cannot be written", code == 2, code)

        for width in ("60", "80", "120"):
            for language in ("en", "ja"):
                _, said, _ = run("list", "--lang", language, COLUMNS=width)
                check("every lab has a line", len(re.findall(r"^ \d  \S", said, re.M)) >= 4, said)
                check(f"width {width}, {language}", all(columns(line) <= int(width) for line in said.splitlines()), said)
                _, said, _ = run("check", "1", str(ROOT / "examples/labs/01-first-guest/starter"), "--lang", language, COLUMNS=width)
                check(f"width {width}, {language}", all(columns(line) <= int(width) for line in said.splitlines()), said)
        check("LANG", "最初のゲスト" in run("list", LANG="ja_JP.UTF-8")[1])
        check("LC_ALL before LANG", "Your first guest" in run("list", LANG="ja_JP.UTF-8", LC_ALL="C.UTF-8")[1])
        check("hints go on", "vmcp lab hint 1 2" in run("hint", "1")[1] and "vmcp lab hint 1 3" in run("hint", "1", "2")[1])
        check("the last hint", "vmcp lab hint" not in run("hint", "1", "3")[1])
    for line in BAD:
        print(line)
    sys.exit(1 if BAD else 0)


main()

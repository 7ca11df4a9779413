#!/usr/bin/env python3
"""A class is graded: the good pass, and nothing that is handed in harms the grader or reaches another submission.

usage: grade.py VMCP [--show] [--memory SIZE]

Prints a line for each thing that is not so; the exit status is 1 if there was one.
"""

import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = (ROOT / "examples/labs/teacher/01-first-guest/model/hello.asm").read_text()
MEMORY = ["--memory", sys.argv[sys.argv.index("--memory") + 1]] if "--memory" in sys.argv else []
SECRET = "THE SECRET OF ANOTHER"

LOOP = "P        START 0\n         COPY  LOWCORE\n         ORG   LOWCORE+X'400'\nBEGIN    B     BEGIN\n         END\n"
# A channel program that types for ever: a CCW, and a transfer in channel back to it.
PRINTS = MODEL.replace("WRITEACR,LINE1,SLI", "WRITEACR,LINE1,CC+SLI").replace(
    "SECOND   CCW", "         CCW   X'08',FIRST,0,1\nSECOND   CCW")
MACRO = "         MACRO\n         BOMB  &N\n         BOMB  &N\n         BOMB  &N\n         MEND\nP        START 0\n         BOMB  1\n         END\n"
SPIN = "P        START 0\n.AGAIN   ANOP\n         AGO   .AGAIN\n         END\n"
GROWS = ("         MACRO\n         GROW\n         LCLC  &A\n&A       SETC  'X'\n.AGAIN   ANOP\n&A       SETC  '&A&A'\n         DC    C'&A'\n"
         "         AGO   .AGAIN\n         MEND\nP        START 0\n         GROW\n         END\n")

# Name of the folder, files in it, what has to be in the reason.
BAD = {
    "loops": ({"hello.asm": LOOP}, "does not execute SIO"),
    "prints": ({"hello.asm": PRINTS}, "types:"),
    "macro-bomb": ({"hello.asm": MACRO}, "types:"),
    "assembler-spins": ({"hello.asm": SPIN}, "types:"),
    "assembler-grows": ({"hello.asm": GROWS}, "types:"),
    "huge-storage": ({"hello.asm": MODEL.replace("LINE1    DC", "HUGE     DS    16000000X\nLINE1    DC")}, "types:"),
    "huge-constant": ({"hello.asm": MODEL.replace("LINE1    DC", "HUGE     DC    2000000000F'1'\nLINE1    DC")}, "types:"),
    "reaches-out": ({"hello.asm": MODEL.replace("         COPY  EQUATES", "         COPY  ../secret/HELLO\n         COPY  EQUATES")}, "types: The source has errors"),
    "reaches-by-root": ({"hello.asm": MODEL.replace("         COPY  EQUATES", "         COPY  /etc/passwd\n         COPY  EQUATES")}, "types: The source has errors"),
    "garbage": ({"hello.asm": bytes(range(256)) * 64}, "no text"),
    "garbage-without-zeros": ({"hello.asm": bytes(range(1, 256)) * 64}, "types:"),
    "gigantic": ({"hello.asm": b"* AAAAAAAA\n" * 1000000}, "longer than"),
    "long-line": ({"hello.asm": b"A" * 200000}, "types:"),
    "nothing": ({}, "missing"),
    "another-name": ({"Hello.asm": MODEL}, "missing"),
    "\x1b[31mred\nrow": ({"hello.asm": LOOP}, "does not execute SIO"),
    "=cmd()": ({"hello.asm": LOOP}, "does not execute SIO"),
}


# A lab whose check executes what is handed in: what a submission could do at worst.
SHELL_LAB = """number = 1
name = "shell"
title = { en = "Executes what is handed in" }
summary = { en = "For the test of the grader." }
hand_in = ["answer.sh"]

[[check]]
name = "runs"
title = { en = "runs" }
command = "checks/run.sh"
seconds = 4
"""
# What is handed in, and what must not come of it: in the reason, or a file that is there.
SHELL = {
    "good": ("exit 0", None),
    "spins": ("while :; do :; done", "It was ended"),
    "sleeps": ("sleep 1000", "It was ended"),
    "floods": ("yes", "too much"),
    "fills-the-disk": ("head -c 100000000 /dev/zero > big && exit 0; exit 1", "File too large"),
    "takes-memory": ("x=$(head -c 2000000000 /dev/zero | tr '\\0' x) && exit 0; echo NO MEMORY; exit 1", ""),
    "reads-others": ("cat CLASS/secret/answer.sh && exit 0; exit 1", "Permission denied"),
    "lists-others": ("ls CLASS && exit 0; exit 1", "Permission denied"),
    "writes-others": ("echo x > CLASS/secret/more && exit 0; exit 1", "Permission denied"),
    "truncates-others": (": > CLASS/secret/answer.sh && exit 0; exit 1", "Permission denied"),
    "writes-itself": ("echo x > CLASS/writes-itself/more && exit 0; exit 1", "Permission denied"),
    "looks-around": ("ls /tmp && exit 0; exit 1", "Permission denied"),
    "stays": ("setsid sleep 987 > /dev/null 2>&1 & exit 0", None),
    "kills-its-judge": ("kill -9 $PPID; sleep 3", "signal 9"),
    "secret": (f"exit 1 # {SECRET}", ""),
}


def shell_class(vmcp, work, bad):
    """The same with submissions that are executed."""
    labs, folder, temporary = work / "labs", work / "shells", work / "tmp"
    for name, text in (("lab.toml", SHELL_LAB), ("starter/answer.sh", "exit 1\n"), ("checks/run.sh", "bash answer.sh\n")):
        (labs / "shell" / name).parent.mkdir(parents=True, exist_ok=True)
        (labs / "shell" / name).write_text(text)
    for name, (script, _) in SHELL.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "answer.sh").write_text(script.replace("CLASS", str(folder)) + "\n")
    before = tree(folder)
    run = subprocess.run([vmcp, "lab", "grade", "1", str(folder), "--labs", str(labs), "--csv", "-", "--seconds", "8",
                          "--lang", "en", *MEMORY], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(temporary)})
    if run.returncode != 0:
        bad.append(f"exit code {run.returncode}: {run.stderr}")
        return
    restricted = "no Landlock" not in run.stderr
    rows = {row["submission"]: row for row in csv.DictReader(io.StringIO(run.stdout))}
    if "--show" in sys.argv:
        print(run.stdout)
    for name, (_, reason) in SHELL.items():
        row = rows.get(name, {"outcome": "none", "reason": "none"})
        of_files = reason == "Permission denied"
        if of_files and not restricted:
            continue
        if (row["outcome"] == "passed") != (reason is None) or (reason or "") not in row["reason"]:
            bad.append(f"shell {name}: {row}, expected {reason!r}")
    if restricted and (SECRET in run.stdout or tree(folder) != before):
        bad.append("a submission has reached another one")
    if subprocess.run(["pgrep", "-f", "^sleep 987$"], capture_output=True).stdout:
        bad.append("a process of a submission is still there")
    if list(temporary.iterdir()):
        bad.append(f"left behind: {list(temporary.iterdir())}")


def make_class(folder):
    for name, (files, _) in BAD.items():
        (folder / name).mkdir()
        for file, content in files.items():
            (folder / name / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "secret").mkdir()
    (folder / "secret/hello.asm").write_text(MODEL.replace("* HELLO, the model", f"* {SECRET}"))
    (folder / "alone.asm").write_text(MODEL)
    (folder / "link-to-file").mkdir()
    (folder / "link-to-file/hello.asm").symlink_to(folder / "secret/hello.asm")
    (folder / "link-to-folder").symlink_to(folder / "secret")
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe/hello.asm")
    (folder / "folder-for-file").mkdir()
    (folder / "folder-for-file/hello.asm").mkdir()
    (folder / ".hidden").mkdir()


def tree(folder):
    return sorted((str(p.relative_to(folder)), p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.rglob("*"))


def shown(name):
    name = "".join(" " if ord(c) < 0x20 else c for c in name)
    return "'" + name if name[0] in "=+-@" else name


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    vmcp, bad = str(pathlib.Path(sys.argv[1]).resolve()), []
    with tempfile.TemporaryDirectory() as work:
        folder, temporary = pathlib.Path(work) / "class", pathlib.Path(work) / "tmp"
        folder.mkdir()
        temporary.mkdir()
        make_class(folder)
        before = tree(folder)
        begin = time.monotonic()
        run = subprocess.run([vmcp, "lab", "grade", "1", str(folder), "--csv", "-", "--seconds", "10", "--lang", "en",
                              *MEMORY],
                             capture_output=True, text=True, env={**os.environ, "TMPDIR": str(temporary)})
        taken = time.monotonic() - begin
        if run.returncode != 0:
            sys.exit(f"exit code {run.returncode}: {run.stderr}")
        rows = {row["submission"]: row for row in csv.DictReader(io.StringIO(run.stdout))}
        expected = {shown(name): reason for name, (_, reason) in BAD.items()}
        expected.update({"link-to-file": "no plain file", "link-to-folder": "not a link", "pipe": "no plain file",
                         "folder-for-file": "no plain file", "secret": None, "alone.asm": None})
        if set(rows) != set(expected):
            bad.append(f"rows: {sorted(rows)}, expected {sorted(expected)}")
        for name, reason in expected.items():
            row = rows.get(name)
            if row is None:
                continue
            if (row["outcome"] == "passed") != (reason is None) or (reason or "") not in row["reason"]:
                bad.append(f"{name!r}: {row}, expected {reason!r}")
            if reason is None and row["points"] != row["of"]:
                bad.append(f"{name}: {row}")
        if SECRET in run.stdout or "root:" in run.stdout:
            bad.append("a submission has shown what is not its own")
        if tree(folder) != before:
            bad.append("something in the submissions has changed")
        if list(temporary.iterdir()):
            bad.append(f"left behind: {list(temporary.iterdir())}")
        if taken > 100:
            bad.append(f"it took {taken:.0f} s")
        if "--show" in sys.argv or bad:
            print(run.stdout)
        shell_class(vmcp, pathlib.Path(work), bad)
    for line in bad:
        print(line)
    sys.exit(1 if bad else 0)


main()

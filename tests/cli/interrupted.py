#!/usr/bin/env python3
"""Commands that somebody ends: Ctrl-C and TERM give what there is by then, and the exit code 130.

    tests/cli/interrupted.py VMCP
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LOOP = "LOOP START 0\n DC A(0,512)\n ORG LOOP+512\n BALR 1,0\n BR 1\n END\n"
GOOD = "GOOD START 0\n DC X'0002000000000000'\n END\n"
MACHINE = '[[vm]]\nname = "{0}"\nstorage = "64K"\nguest = "{0}.asm"\n'
MISTAKES = []


def check(what, *context):
    if not what:
        MISTAKES.append(" ".join(str(c) for c in context))


def interrupted(vmcp, arguments, how=signal.SIGINT, after=1.0, again=False):
    """Ends the command after so many seconds. Answers its exit code, standard output and standard error."""
    with subprocess.Popen([vmcp, *arguments.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True) as process:
        time.sleep(after)
        process.send_signal(how)
        if again:
            process.send_signal(how)
        out, said = process.communicate(timeout=30)
    check(process.returncode == 130, arguments, "ended with", process.returncode, said)
    return out, said


def read_json(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def main():
    vmcp = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TMPDIR"] = folder
        for name, text in (("loop.asm", LOOP), ("good.asm", GOOD),
                           ("loop.toml", MACHINE.format("loop") + "[run]\ntime_limit_ms = 1e8\n"),
                           ("two.toml", MACHINE.format("good") + MACHINE.format("loop") +
                            "[run]\ntime_limit_ms = 1e8\n")):
            pathlib.Path(name).write_text(text, encoding="ascii")
        subprocess.run([vmcp, "asm", "loop.asm", "-o", "loop.core"], check=True)

        for how in (signal.SIGINT, signal.SIGTERM):
            out, _ = interrupted(vmcp, "run loop.toml --json r.json --csv r.csv --trace t.json", how)
            check("The whole run" in out, "run: no report:", out)
            check(read_json("r.json")["interrupted"] is True, "run: r.json does not say that it was interrupted")
            check(read_json("t.json")["interrupted"] is True, "run: t.json does not say that it was interrupted")
            check(len(pathlib.Path("r.csv").read_text(encoding="utf-8").splitlines()) == 2, "run: rows of r.csv")

        _, said = interrupted(vmcp, "native --core loop.core")
        check(said.startswith("interrupted after"), "native:", said)
        interrupted(vmcp, "native --core loop.core --json n.json --trace t.txt --trace-limit 1M", signal.SIGTERM)
        check(read_json("n.json")["stop"] == "interrupted", "native: n.json does not say that it was interrupted")
        check(pathlib.Path("t.txt").stat().st_size >= 1 << 20, "native: the trace is not there")

        out, _ = interrupted(vmcp, "compare two.toml --json c.json --csv c.csv")
        check("Interrupted: 1 of 2 guests were run." in out, "compare:", out)
        result = read_json("c.json")
        check(result["interrupted"] is True and len(result["guests"]) == 1, "compare: c.json")
        check(len(pathlib.Path("c.csv").read_text(encoding="utf-8").splitlines()) == 2, "compare: rows of c.csv")

        out, _ = interrupted(vmcp, "sweep loop.toml --values 1,2,3,4 -o s")
        check("Interrupted: 0 of 4 runs were done." in out, "sweep:", out)
        check(len(pathlib.Path("s.csv").read_text(encoding="utf-8").splitlines()) == 1, "sweep: rows of s.csv")

        out, _ = interrupted(vmcp, "ladder loop.toml --rungs software,vma --json l.json")
        check("Interrupted: 0 of 2 rungs were done." in out, "ladder:", out)
        check(read_json("l.json")["interrupted"] is True, "ladder: l.json")

        interrupted(vmcp, "native --core loop.core --trace gone.txt --trace-limit 1M", again=True)
        if shutil.which("hercules"):
            out, _ = interrupted(vmcp, "conform --cases 100000000", after=3)
            check("interrupted after" in out, "conform:", out)
            out, _ = interrupted(vmcp, "conform --channel --cases 100000 --json -", after=3)
            check(json.loads(out)["interrupted"] is True, "conform --channel:", out)
        left = [name for name in os.listdir(".") if name.endswith(".draft") or name.startswith("vmcp-")]
        check(not left, "left behind:", left)
        os.chdir("/")
    for mistake in MISTAKES:
        print(mistake)
    return 1 if MISTAKES else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Installs the build into a folder of its own and uses what is there: the program, its manual pages, completion,
examples and documents.

usage: installed.py BUILD"""
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

if shutil.which("help2man") is None:
    print("skipped: help2man is not installed")
    sys.exit(77)
build = Path(sys.argv[1]).resolve()
failures = []


def check(what, holds, shown=""):
    if not holds:
        failures.append(f"{what}: {shown}")


def run(*command, **more):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)


def completed(program, completion, *words):
    """What bash would offer for the last word."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = f'source {completion}; COMP_WORDS=(vmcp {quoted}); COMP_CWORD={len(words)}; _vmcp; echo "${{COMPREPLY[@]}}"'
    environment = dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}")
    return run("bash", "-c", script, env=environment).stdout.split()


with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    installed = run("cmake", "--install", str(build), "--prefix", str(root))
    check("cmake --install", installed.returncode == 0, installed.stdout)
    program = root / "bin/vmcp"
    documents = root / "share/doc/vmcp"
    check("--version", run(str(program), "--version").stdout.startswith("vmcp "))
    report = run(str(program), "run", "--no-host", str(documents / "examples/scenarios/hostile.toml"), cwd=root)
    check("an example", "The whole run" in report.stdout, report.stdout)
    for file in ["README.md", "CHANGELOG.md", "copyright", "docs/architecture.md", "docs/results.schema.json"]:
        check("a document", (documents / file).is_file(), file)

    check("labs", (documents / "examples/labs/01-first-guest/lab.toml").is_file())
    check("no answers of labs", not (documents / "examples/labs/teacher").exists())
    check("a lab", run(str(program), "lab", "start", "1", cwd=root).returncode == 0 and (root / "lab-1/handout.md").is_file())

    listed = run(str(program), "--help").stdout.split("Subcommands:")[1].split("Examples:")[0]
    commands = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    check("commands", "run" in commands and len(commands) > 5, commands)
    for name in ["vmcp"] + [f"vmcp-{command}" for command in commands]:
        page = root / f"share/man/man1/{name}.1.gz"
        if not page.is_file():
            check("a manual page", False, name)
            continue
        text = gzip.open(page, "rt").read()
        check("a page's name", f".SH NAME\n{name} \\- " in text, text[:200])
        check("a page's title", f".TH {name.upper()} " in text, text[:200])
        check("no name of a helper file", "ask.sh" not in text, name)

    completion = root / "share/bash-completion/completions/vmcp"
    check("commands", completed(program, completion, "co") == ["compare", "conform"], completed(program, completion, "co"))
    check("commands of a command", completed(program, completion, "image", "cr") == ["create"])
    check("commands of lab", completed(program, completion, "lab", "st") == ["start"])
    check("options", completed(program, completion, "run", "--pol") == ["--policy"])
    check("values", completed(program, completion, "run", "--policy", "") == ["round-robin", "q1q2", "stride"])

for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)

#!/usr/bin/env python3
"""What the commands write with --json is as docs/results.schema.json says, and equal runs give equal bytes.

    tests/cli/json_schema.py VMCP

Ends with 77 where Debian's python3-jsonschema is not installed.
"""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = "examples/scenarios/"
COMMANDS = [
    f"run {SCENARIOS}timesharing.toml --quiet --json -",
    f"run {SCENARIOS}hostile.toml --quiet --no-host --json -",
    f"run {SCENARIOS}spooling.toml --quiet --no-host --json -",
    f"run {SCENARIOS}overcommit.toml --quiet --no-host --json -",
    f"run {SCENARIOS}shadow-vs-nested.toml --quiet --json - --time-limit-ms 100",
    f"compare {SCENARIOS}privileged-rate.toml --json -",
    f"compare {SCENARIOS}privileged-rate.toml --no-host --json -",
    f"run {SCENARIOS}assists.toml --quiet --no-host --json -",
    f"run {SCENARIOS}interpretive.toml --quiet --no-host --json -",
    f"run {SCENARIOS}rings.toml --quiet --no-host --json -",
    f"run {SCENARIOS}pass-through.toml --quiet --no-host --json -",
    f"run {SCENARIOS}interpretive-io.toml --quiet --no-host --json -",
    f"run {SCENARIOS}interpretive-io.toml --model s370-158-interpretive --quiet --no-host --json -",
    f"ladder {SCENARIOS}assists.toml --rungs software,vma,ecps --band --no-host --json -",
    "ladder io --requests 4 --band --no-host --json -",
    f"compare {SCENARIOS}privileged-rate.toml --vary assists=none,vma --vary storage-kind=V=V,V=R --no-host --json -",
    "models --json -",
    "nano --operations svc,pgfault --rungs software,vma --json -",
    "models vm370 --json -",
    "audit --states 8 --json -",
    f"native {SCENARIOS}timesharing.toml --vm hello --dump 0:10 --json -",
    f"native {SCENARIOS}timesharing.toml --vm hello --no-host --json -",
    f"native {SCENARIOS}hostile.toml --vm garbage --no-host --json -",
    f"check {SCENARIOS}exercise.toml --json -",
    "lab check 1 examples/labs/teacher/01-first-guest/model --json -",
    "lab check 8 examples/labs/teacher/08-paravirtual/model --notes --json -",
]
CONFORM = ["conform --cases 500 --instruction LR --json -", "conform --channel --cases 50 --unit 1403 --json -"]


def main():
    vmcp = os.path.abspath(sys.argv[1])
    schema = json.loads((SOURCE / "docs/results.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    mistakes = 0

    def fail(what):
        nonlocal mistakes
        mistakes += 1
        print(what)

    for command in COMMANDS + (CONFORM if shutil.which("hercules") else []):
        def ask(command=command):
            return subprocess.run([vmcp, *command.split()], cwd=SOURCE, capture_output=True, text=True, check=False)
        done = ask()
        if done.returncode not in (0, 3):
            fail(f"vmcp {command}: exit code {done.returncode}: {done.stderr}")
            continue
        result = json.loads(done.stdout)
        # Against the command's own part: what is wrong is told better than by "none of these".
        name = "ladder_io" if "loads" in result else "ladder" if "rungs" in result else "listing" if command.startswith("models") else result["vmcp"]["command"]
        part = validator.evolve(schema={**schema, "oneOf": [{"$ref": "#/$defs/" + name}]})
        for error in part.iter_errors(result):
            for one in error.context or [error]:
                fail(f"vmcp {command}: {one.json_path}: {one.message[:300]}")
        # That the schema can fail: nothing may be missing.
        if not command.startswith("conform"):
            for key in result:
                less = copy.deepcopy(result)
                del less[key]
                if key not in ("host", "name", "displays", "spool", "band") and validator.is_valid(less):
                    fail(f"vmcp {command}: the schema does not miss {key}")
        if "--no-host" in command:
            if "host" in result:
                fail(f"vmcp {command}: has host figures")
            if ask().stdout != done.stdout:
                fail(f"vmcp {command}: a second run gives other bytes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The labs are as they should be: model answers pass, starters and wrong answers do not, each for its own reason.

usage: labs.py VMCP LAB [--show] [--here] [--slowest SECONDS]

LAB is a folder of examples/labs. Its model answer and wrong answers are in examples/labs/teacher/LAB: model/* and
wrong.toml, where each [[wrong]] is the model answer with something changed:

    name = "no-wait"                  # what the student did
    says = "goes on at once"          # a part of what the verdict says of it; no two wrong answers have the same
    check = "waits"                   # the first check that it does not pass
    replace = [["old", "new"]]        # in the first file that is handed in, or in the one that `in` names
    whole = "..."                     # or all of that file
    starter = true                    # the starter is changed, not the model

Also: every text is there in both languages, and every command of the handouts runs, on the model answer. Prints a line for each thing that is not so; the exit status is 1
if there was one, 77 if the cross compiler that a lab wants is missing. --show prints every verdict, --here
judges by examples/labs as it is, not by what was built into the program; --slowest is what a verdict may take of CPU time, 10.
"""

import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SLOWEST = float(sys.argv[sys.argv.index("--slowest") + 1]) if "--slowest" in sys.argv else 10


class Lab:
    def __init__(self, vmcp, name, show, here):
        self.vmcp, self.show = vmcp, show
        self.labs = ["--labs", str(ROOT / "examples/labs")] if here else []
        self.folder = ROOT / "examples/labs" / name
        self.teacher = ROOT / "examples/labs/teacher" / name
        self.described = tomllib.loads((self.folder / "lab.toml").read_text())
        self.number = self.described["number"]
        self.bad = []

    def complain(self, text):
        self.bad.append(f"lab {self.number}: {text}")

    @staticmethod
    def cpu_seconds():
        """Of children that have ended: what a verdict takes does not hang on what else the computer does."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def judge(self, folder, language="en"):
        begin = self.cpu_seconds()
        run = subprocess.run([self.vmcp, "lab", "check", str(self.number), str(folder), "--json", "-", "--notes", "--lang", language,
                              *self.labs],
                             capture_output=True, text=True)
        taken = self.cpu_seconds() - begin
        if taken > SLOWEST:
            self.complain(f"{folder.name}: the verdict took {taken:.1f} s")
        if run.returncode not in (0, 1):
            self.complain(f"{folder.name}: exit code {run.returncode}: {run.stderr.strip()} {run.stdout.strip()[-600:]}")
            return None
        verdict = json.loads(run.stdout)
        if (run.returncode == 0) != (verdict["outcome"] == "passed"):
            self.complain(f"{folder.name}: exit code {run.returncode}, but {verdict['outcome']}")
        return verdict

    def files(self, place):
        return {name: (place / name).read_text() for name in self.described["hand_in"]}

    def submission(self, work, name, files):
        folder = work / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_text(text)
        return folder

    def wrong_files(self, wrong):
        files = self.files(self.folder / "starter" if wrong.get("starter") else self.teacher / "model")
        changed = wrong.get("in", self.described["hand_in"][0])
        if "whole" in wrong:
            files[changed] = wrong["whole"]
        for old, new in wrong.get("replace", []):
            if files[changed].count(old) == 0:
                self.complain(f"wrong answer {wrong['name']}: the model answer has no {old!r}")
            files[changed] = files[changed].replace(old, new)
        return files

    def check_model(self, work):
        folder = self.submission(work, "model", self.files(self.teacher / "model"))
        verdict = self.judge(folder)
        if verdict != self.judge(folder):
            self.complain("the model answer has another verdict the second time")
        if verdict and verdict["outcome"] != "passed":
            self.complain(f"the model answer does not pass: {json.dumps(verdict, indent=1)}")

    def check_starter(self, work):
        verdict = self.judge(self.submission(work, "starter", self.files(self.folder / "starter")))
        if verdict and verdict["outcome"] != "not-yet":
            self.complain(f"the starter is {verdict['outcome']}")

    def check_wrong(self, work):
        all_wrong = tomllib.loads((self.teacher / "wrong.toml").read_text())["wrong"]
        if len(all_wrong) < 12:
            self.complain(f"{len(all_wrong)} wrong answers: expected a dozen")
        for key in ("name", "says"):
            values = [wrong[key] for wrong in all_wrong]
            for value in {v for v in values if values.count(v) > 1}:
                self.complain(f"two wrong answers have the same {key}: {value!r}")
        words = {}
        for wrong in all_wrong:
            verdict = self.judge(self.submission(work, wrong["name"], self.wrong_files(wrong)))
            if verdict is None:
                continue
            failed = [check for check in verdict["checks"] if check["outcome"] != "passed"]
            if self.show:
                print(f"--- {wrong['name']}")
                for check in failed:
                    print(f"{check['name']}: {check['outcome']}")
                    for note in check.get("notes", [])[:12]:
                        print(f"    note: {note}")
                    for reason in check["reasons"]:
                        print(f"    {reason['words']}\n        {reason['detail']}")
            if not failed:
                self.complain(f"wrong answer {wrong['name']} passes")
                continue
            if failed[0]["name"] != wrong["check"]:
                self.complain(f"wrong answer {wrong['name']} fails at {failed[0]['name']}, not at {wrong['check']}")
            words[wrong["name"]] = " ".join(f"{r['words']} {r['detail']}" for c in failed for r in c["reasons"])
            if wrong["says"] not in words[wrong["name"]]:
                self.complain(f"wrong answer {wrong['name']}: {wrong['says']!r} is not in: {words[wrong['name']]}")
        for wrong in all_wrong:
            others = [name for name, text in words.items() if name != wrong["name"] and wrong["says"] in text]
            if len(others) > len(all_wrong) // 2:
                self.complain(f"what is said of {wrong['name']} is said of nearly everything")

    def check_languages(self):
        def look(at, where):
            if isinstance(at, dict):
                if "en" in at and not at.get("ja"):
                    self.complain(f"lab.toml: {where}: no Japanese: {at['en']!r}")
                for key, value in at.items():
                    look(value, f"{where}.{key}")
            elif isinstance(at, list):
                for value in at:
                    look(value, where)
        look(self.described, "")
        if not self.described.get("hint"):
            self.complain("lab.toml: no hints")
        commands = [self.commands(name) for name in ("handout.md", "handout.ja.md")]
        if commands[0] != commands[1]:
            self.complain(f"the handouts have different commands: {commands}")

    def commands(self, handout):
        """The lines of its sh blocks, and behind them what the text mentions."""
        text = (self.folder / handout).read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
        lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
        return [line for line in lines if line] + sorted(set(re.findall(r"`(vmcp [a-z][^`]*)`", text)))

    def check_commands(self, work):
        """Each runs in a folder of its own, one behind the other, on the model answer; those that look at it must do well."""
        home = work / "home"
        home.mkdir()
        (home / "vmcp").symlink_to(self.vmcp)
        folder = home / f"lab-{self.number}"
        shell = "set -e; PATH=$1:$PATH; cd $2; eval \"$3\"; pwd > $1/pwd"
        here = home
        commands = self.commands("handout.md")
        if not any(command.startswith("vmcp lab check") for command in commands):
            self.complain("the handout does not say vmcp lab check")
        for command in commands:
            run = subprocess.run(["bash", "-c", shell, "bash", str(home), str(here), command], capture_output=True,
                                 text=True, stdin=subprocess.DEVNULL)
            if run.returncode not in (0, 1, 3) or (run.returncode and "check" in command):
                self.complain(f"handout: {command}: exit code {run.returncode}: {run.stdout[-300:]}{run.stderr[-300:]}")
            here = pathlib.Path((home / "pwd").read_text().strip()) if (home / "pwd").exists() else here
            if command.startswith("vmcp lab start"):
                for name, text in self.files(self.teacher / "model").items():
                    (folder / name).write_text(text)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    lab = Lab(str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2], "--show" in sys.argv, "--here" in sys.argv)
    if lab.described.get("tools") and not shutil.which("s390x-linux-gnu-gcc"):
        print("skipped: s390x-linux-gnu-gcc is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        lab.check_model(work)
        lab.check_starter(work)
        lab.check_wrong(work)
        lab.check_languages()
        lab.check_commands(work)
    for line in lab.bad:
        print(line)
    sys.exit(1 if lab.bad else 0)


main()

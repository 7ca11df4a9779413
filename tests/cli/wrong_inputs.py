#!/usr/bin/env python3
"""Wrong inputs and what is said of them: a row is a command line, its exit code and a part of the message.

    tests/cli/wrong_inputs.py VMCP

The command lines are the shell's, in a folder of their own that holds what files() makes. In every row there must
be no abort, no half-written result, and a message on standard error, which is what is compared unless the row's
own redirections prevent that.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]

WAIT = "{name} START 0\n DC X'000200000000{code}'\n END\n"
LOOP = "LOOP START 0\n DC A(0,512)\n ORG LOOP+512\n BALR 1,0\n BR 1\n END\n"
MACHINE = '[[vm]]\nname = "a"\nstorage = "64K"\n'
PASSED = '[[machine.device]]\naddress = "350"\ntype = "3330"\n' + MACHINE + 'guest = "good.asm"\n[[vm.device]]\naddress = "350"\ndedicate = "350"\n'
SIE = '[machine]\nmodel = "s370-158-interpretive"\n' + MACHINE + 'guest = "good.asm"\n'


LAB = """number = {number}
name = "l"
title = {{ en = "t" }}
summary = {{ en = "s" }}
hand_in = ["{file}"]
[[check]]
name = "c"
title = {{ en = "t" }}
scenario = "checks/s.toml"
{more}"""


def lab(folder, name, number=1, file="a.asm", more="", scenario="title = "):
    """A lab of one's own in a folder of labs."""
    place = pathlib.Path(folder, name)
    for part, text in (("lab.toml", LAB.format(number=number, file=file, more=more)), ("starter/a.asm", ""), ("checks/s.toml", scenario)):
        (place / part).parent.mkdir(parents=True, exist_ok=True)
        (place / part).write_text(text, encoding="utf-8")


def labs():
    lab("labs-good", "a")  # but for its scenario
    lab("labs-no-number", "a", number="")
    lab("labs-twice", "a")
    lab("labs-twice", "b")
    lab("labs-up", "a", file="../a.asm")
    lab("labs-after", "a", more='after = "b"\n')
    lab("labs-fact", "a", file="a.toml", more='answers = "a.toml"\nmachine = "m"\n[[check.question]]\nkey = "k"\ntrap = "SSM"\nfact = "f"\n')
    pathlib.Path("labs-fact/a/starter/a.toml").write_text("", encoding="utf-8")


def files(vmcp):
    """What the rows need. `vm.toml` is a good scenario without a title."""
    text = {
        "good.asm": WAIT.format(name="GOOD", code="0000"),
        "direct.toml": PASSED + 'io = "direct"\n',
        "unsafe.toml": PASSED + 'io = "fast"\nunsafe = true\n',
        "mapping.toml": PASSED + 'io = "translating-channel"\nio_mapping = "none"\n',
        "bad.asm": WAIT.format(name="BAD", code="0BAD"),
        "error.asm": "GUEST START 0\n LR 1\n END\n",
        "loop.asm": LOOP,
        "empty.asm": "",
        "vm.toml": MACHINE + 'guest = "good.asm"\n',
        "bad.toml": MACHINE + 'guest = "bad.asm"\n',
        "loop.toml": MACHINE + 'guest = "loop.asm"\n[run]\ntime_limit_ms = 1\n',
        "cause.toml": MACHINE + 'guest = "good.asm"\n[[vm.expect]]\nat_least = { SIP = 1 }\n',
        "told.toml": MACHINE + 'guest = "good.asm"\n[[vm.expect]]\ntold = { guest_us = "10000" }\n',
        "against.toml": MACHINE + 'guest = "good.asm"\n[[vm.expect]]\nagainst = { machine = "b", exits = 0.5 }\n',
        "syntax.toml": "title = \n",
        "unknown.toml": MACHINE + 'guest = "good.asm"\ncolour = "red"\n',
        "none.toml": MACHINE,
        "no-vm.toml": 'title = "t"\n',
        "missing.toml": MACHINE + 'guest = "missing.asm"\n',
        "source.toml": MACHINE + 'guest = "error.asm"\n',
        "deck.toml": MACHINE + 'deck = "odd.deck"\n',
        "cards.toml": MACHINE + 'guest = "good.asm"\ncards = "odd.deck"\n',
        "core.toml": MACHINE + 'core = "good.core@XYZ"\n',
        "folder.toml": MACHINE + 'guest = "folder"\n',
        "storage.toml": MACHINE.replace("64K", "65M") + 'guest = "good.asm"\n',
        "odd-storage.toml": MACHINE.replace("64K", "5K") + 'guest = "good.asm"\n',
        "nan.toml": MACHINE + 'guest = "good.asm"\nstart_ms = nan\n',
        "text.toml": MACHINE + 'guest = "good.asm"\nshare = "many"\n',
        "twice.toml": MACHINE + 'guest = "good.asm"\n' + MACHINE + 'guest = "good.asm"\n',
        "model.toml": '[machine]\nmodel = "vax"\n' + MACHINE + 'guest = "good.asm"\n',
        "prints.toml": MACHINE + 'guest = "good.asm"\n[[vm.device]]\naddress = "00E"\ntype = "1403"\nfile = "list.txt"\n',
        "helped-translation.toml": SIE + 'technique = "binary-translation"\nassists = ["sie"]\n',
        "nested-translation.toml": SIE + 'technique = "binary-translation"\ntranslation = "nested"\n',
        "out.toml": SIE + 'translation = "nested"\nintercepts = ["masks"]\n',
        "in.toml": SIE + 'translation = "nested"\nassists = ["sie"]\nintercepts = ["mask"]\n',
        "together.toml": SIE + 'translation = "nested"\nexits_together = true\n',
        "iucv.toml": MACHINE + 'guest = "good.asm"\niucv = ["ANY PRIORTY"]\n',
        "limit.toml": MACHINE + 'guest = "good.asm"\niucv = ["ALLOW MSGLIMIT 256"]\n',
        "grants.toml": MACHINE + 'guest = "good.asm"\ngrants = 0\n',
        "maxconn.toml": MACHINE + 'guest = "good.asm"\nmaxconn = 65\n',
        "ring.toml": MACHINE + 'guest = "good.asm"\n[[vm.ring]]\ntype = "tape"\n',
        "ring-disk.toml": MACHINE + 'guest = "good.asm"\n[[vm.ring]]\ntype = "block"\ndisk = "191"\n',
        "technique.toml": MACHINE + 'guest = "good.asm"\ntechnique = "magic"\n',
        "helped.toml": SIE + 'technique = "interpretation"\nassists = ["vma"]\n',
        "nested.toml": SIE + 'technique = "interpretation"\ntranslation = "nested"\n',
        "no-sie.toml": MACHINE + 'guest = "good.asm"\nassists = ["pma", "sie"]\nkind = "V=R"\n',
        "kept.json": "what was there before\n",
        "script.toml": "[[step]]\nwait = 5\n",
        "empty.deck": "",
    }
    for name, content in text.items():
        pathlib.Path(name).write_text(content, encoding="ascii")
    pathlib.Path("odd.deck").write_bytes(b"\x01" * 81)
    with open("long.core", "wb") as file:
        file.truncate((64 << 20) + 1)  # takes no place on the disk
    pathlib.Path("folder").mkdir()
    pathlib.Path("link.json").symlink_to("linked.json")
    pathlib.Path("linked.json").write_text("old\n", encoding="ascii")
    for name in ("good", "bad", "loop"):
        subprocess.run([vmcp, "asm", name + ".asm", "-o", name + ".core"], check=True)


FULL = "cannot be written: No space left on device"
OUT_FULL = "vmcp: error: standard output: " + FULL
OVERCOMMIT = SOURCE / "examples/scenarios/overcommit.toml"
SWEEP = f"sweep {OVERCOMMIT} --values 2"
HELP = "--help explains"

ROWS = [
    # Command lines
    ("", 2, "vmcp: error: expected a command"),
    ("rum vm.toml", 2, "vmcp: error: there is no command 'rum': was 'run' meant?"),
    ("comprae vm.toml", 2, "was 'compare' meant?"),
    ("natvie", 2, "was 'native' meant?"),
    ("xyzzy", 2, "there is no command 'xyzzy'\n"),
    ("--vresion", 2, "there is no option '--vresion': was '--version' meant?"),
    ("run vm.toml --jsno x", 2, "there is no option '--jsno': was '--json' meant?"),
    ("run vm.toml --jsno=x", 2, "there is no option '--jsno': was '--json' meant?"),
    ("run vm.toml --quite", 2, "was '--quiet' meant?"),
    ("run vm.toml other.toml", 2, "'other.toml': expected nothing more"),
    ("run vm.toml --nonsense", 2, "vmcp run --help explains"),
    ("native --core good.core --tarce t", 2, "was '--trace' meant?"),
    ("native --core good.core --tarce t", 2, "vmcp native --help explains"),
    ("asm good.asm --lisitng x", 2, "was '--listing' meant?"),
    ("disasm good.core --frobnicate", 2, "there is no option '--frobnicate'\n"),
    ("sweep vm.toml --form 1", 2, "was '--from' meant?"),
    ("conform --case 1", 2, "was '--cases' meant?"),
    ("run", 2, "vmcp: error: scenario is required"),
    ("compare", 2, "vmcp: error: scenario is required"),
    ("sweep", 2, "vmcp: error: scenario is required"),
    ("asm", 2, "vmcp: error: file is required"),
    ("disasm", 2, "vmcp: error: file is required"),
    ("native", 2, "expected one of --core, --ipl or a scenario"),
    ("native good.asm --core good.core", 2, "or a source that ends in .asm"),
    ("native --core good.core --copy folder", 2, "--copy: expected a program's source"),
    ("native nowhere.asm", 1, "nowhere.asm: cannot be read"),
    ("native error.asm", 1, "error.asm:2:6: error:"),
    ("run direct.toml", 1, "its channel programs would reach the storage of others (unsafe = true lets them, for tests)"),
    ("run unsafe.toml", 1, "unsafe.toml:12:10: expected it beside io = \"direct\""),
    ("run mapping.toml", 1, "mapping.toml:12:14: \"none\": expected whole-guest, per-program or per-program-cached"),
    ("native good.asm --json good.asm", 1, "--json good.asm: that is an input as well"),
    ("check vm.toml", 2, "nothing is expected: expected at least one [[vm.expect]]"),
    ("check unknown.toml", 2, "unknown.toml:"),
    ("check", 2, "vmcp: error: scenario is required"),
    ("check cause.toml", 2, "cause.toml:6:20: \"SIP\": expected a cause, such as SIO or reflect_io"),
    ("check told.toml", 2, "expected the hexadecimal address of a word of storage"),
    ("check against.toml", 2, "expected another machine of the scenario"),
    ("lab", 2, "A subcommand is required"),
    ("lab check 77", 2, "there is no lab 77: vmcp lab list shows them"),
    ("lab check 1 nowhere", 2, "nowhere: expected the folder of what is handed in"),
    ("lab check 1 --lang de", 2, "not in {en,ja}"),
    ("lab hint 1 50", 1, "lab 1 has 3 hints"),
    ("lab list --labs nowhere", 1, "nowhere: expected a folder of labs"),
    ("lab list --labs folder", 1, "folder: there are no labs in it"),
    ("lab list --labs labs-no-number", 1, "lab.toml"),
    ("lab list --labs labs-twice", 1, "have the same number"),
    ("lab list --labs labs-fact", 1, "expected one of interruption-code, real-old-location"),
    ("lab list --labs labs-up", 1, "expected the name of a file, without a folder"),
    ("lab list --labs labs-after", 1, "expected the name of an earlier check"),
    ("lab grade 1 nowhere", 1, "nowhere: expected a folder of submissions"),
    ("lab grade 1 folder --memory lots", 1, "--memory 'lots'"),
    ("lab grade 1 folder --jobs 0", 2, "expected a whole number from 1 to 1024"),
    ("lab grade 1 --labs labs-good folder", 2, "lab 1 cannot be judged here"),
    ("run vm.toml --max-time 5", 1, "--max-time '5': expected simulated time, such as 200ms"),
    ("run vm.toml --max-time -1s", 1, "--max-time '-1s': expected simulated time"),
    ("run vm.toml --max-output 0", 1, "--max-output"),
    ("run vm.toml --exit-code-of nobody", 1, "there is no virtual machine \"nobody\""),
    ("native --core good.core --ipl 190", 2, "expected one of --core, --ipl or a scenario"),
    ("run vm.toml --json", 2, "vmcp: error: --json"),
    ("run vm.toml --policy lottery", 2, "vmcp: error: --policy"),
    ("asm good.asm --format tape", 2, "vmcp: error: --format"),
    ("sweep vm.toml --over luck", 2, "vmcp: error: --over"),
    ("ladder vm.toml --rungs vna", 1, "there is no rung \"vna\" (was vma meant?): expected some of interpretation, "),
    ("ladder vm.toml --html vm.toml", 1, "--html vm.toml: that is an input as well"),
    ("ladder vm.toml --html out --json out", 1, "--html out: that is what --json writes as well"),
    ("ladder vm.toml --html folder", 1, "folder"),
    ("report", 2, "vmcp: error: result is required"),
    ("report kept.json", 2, "vmcp: error: --output is required"),
    ("report kept.json -o kept.json", 1, "--output kept.json: that is an input as well"),
    ("report kept.json -o out", 1, "kept.json: expected a result of vmcp run --json: no JSON at byte"),
    ("report nowhere.json -o out", 1, "nowhere.json: cannot be read"),
    ("run vm.toml --moments vm.toml", 1, "--moments vm.toml: that is an input as well"),
    ("run vm.toml --html out --moments out", 1, "--html out: that is what --moments writes as well"),
    ("run vm.toml --moments-from 0", 2, "vmcp: error: --moments-from"),
    ("compare vm.toml --vary colour=red", 1, "\"colour\" cannot be varied: expected technique, translation, assists, exits, storage-kind, io, policy"),
    ("compare vm.toml --vary assists=evma", 1, "assists cannot be \"evma\": expected none, or some of vma"),
    ("compare vm.toml --vary translation=", 1, "translation cannot be \"\": expected shadow or nested"),
    ("nano --operations svcs", 1, "there is no operation \"svcs\" (was svc meant?): expected some of call, svc, "),
    ("nano --model s370-159", 1, "unknown machine model"),
    ("audit --states 0", 2, "'0': expected a whole number"),
    ("audit --machine s370-hole", 1, "unknown machine model"),
    ("models vm730", 1, "there is no model \"vm730\" (was vm370 meant?): expected one of s370-158, "),
    ("models none.toml", 1, "none.toml"),
    ("run vm.toml --log-level loud", 2, "vmcp: error: --log-level"),
    # Numbers
    ("run vm.toml --explain=-1", 1, "--explain '-1': expected 3 (how many)"),
    ("run vm.toml --explain 99999999999999999999", 1, "expected 3 (how many)"),
    ("run vm.toml --explain 3x", 1, "'3x': expected 3 (how many)"),
    ("run vm.toml --explain 1.5", 1, "expected 3 (how many)"),
    ("run vm.toml --explain ''", 1, "--explain '': expected 3 (how many)"),
    ("run vm.toml --explain nobody", 1, "a virtual machine ("),
    ("run vm.toml --explain SIO:LPSW", 1, "--explain 'LPSW': expected a cause only once in 'SIO:LPSW'"),
    ("run vm.toml --explain @0", 1, "--explain '@0': expected a number from 1"),
    ("run vm.toml --seed=-1", 2, "'-1': expected a whole number"),
    ("run vm.toml --seed 0x10", 2, "expected a whole number"),
    ("run vm.toml --seed 99999999999999999999", 2, "expected a whole number"),
    ("run vm.toml --slice-ms nan", 2, "'nan': expected a number from 0.001 to 1000000000"),
    ("run vm.toml --slice-ms inf", 2, "'inf': expected a number"),
    ("run vm.toml --slice-ms 0", 2, "'0': expected a number from 0.001"),
    ("run vm.toml --slice-ms=-5", 2, "'-5': expected a number"),
    ("run vm.toml --slice-ms 5ms", 2, "'5ms': expected a number"),
    ("run vm.toml --slice-ms 1e400", 2, "expected a number"),
    ("run vm.toml --cp-scale nan", 2, "'nan': expected a number from 0.001 to 1000"),
    ("run vm.toml --cp-scale 1001", 2, "'1001': expected a number"),
    ("run vm.toml --machine-scale inf", 2, "'inf': expected a number"),
    ("run vm.toml --time-limit-ms nan", 2, "'nan': expected a number"),
    ("run vm.toml --time-limit-ms 0", 2, "'0': expected a number"),
    ("compare vm.toml --time-limit-ms x", 2, "'x': expected a number"),
    ("native --core good.core --max-instructions=-1", 2, "'-1': expected a whole number"),
    ("native --core good.core --max-instructions 99999999999999999999", 2, "expected a whole number"),
    ("native --core good.core --max-instructions many", 2, "expected a whole number"),
    ("native --core good.core --time-limit-ms inf", 2, "expected a number"),
    ("sweep vm.toml --steps 1", 2, "'1': expected a whole number from 2 to 1000"),
    ("sweep vm.toml --steps 2.5", 2, "'2.5': expected a whole number"),
    ("sweep vm.toml --from nan", 2, "'nan': expected a number"),
    ("sweep vm.toml --to inf", 2, "'inf': expected a number"),
    ("sweep vm.toml --values 1,nan", 2, "'nan': expected a number"),
    ("sweep vm.toml --values 1,2x", 2, "'2x': expected a number"),
    ("sweep vm.toml --from 3 --to 2", 1, "--to: expected more than --from"),
    ("sweep vm.toml --values 0", 1, "overcommit cannot be 0: expected more than 0"),
    ("sweep vm.toml --over shadow-sets --values 99", 1, "expected 1 to 16"),
    ("sweep vm.toml --over exit-cycles --values 9", 1, "has no interpretive execution: expected one with facility"),
    ("run technique.toml", 1, "\"magic\": expected trap-and-emulate, interpretation or binary-translation"),
    ("run helped-translation.toml", 1, "translated code does by itself what an assist would: expected none, or technique"),
    ("run nested-translation.toml", 1, "translated code needs shadow tables: expected no nested translation, or technique"),
    ("run helped.toml", 1, "an interpreted machine never traps, so that no assist can help: expected none"),
    ("run nested.toml", 1, "an interpreted machine translates by program: expected no nested translation"),
    ("compare vm.toml --vary technique=interpretation --vary assists=vma", 1, "expected assists=none and translation=shadow with"),
    ("run together.toml", 1, "together.toml:8:18: only what comes out of interpretive execution is handled together: "
                             "expected assists = [\"sie\"] in front of it"),
    ("run iucv.toml", 1, "iucv.toml:5:8: \"ANY PRIORTY\": expected ALLOW, ANY or the name of a machine, and behind it PRIORITY, MSGLIMIT and "
                         "a number from 1 to 255"),
    ("run limit.toml", 1, "limit.toml:5:8: \"ALLOW MSGLIMIT 256\": expected ALLOW, ANY or"),
    ("run grants.toml", 1, "grants.toml:5:10: \"grants\" is 0: expected an integer from 1 to 256"),
    ("run maxconn.toml", 1, "maxconn.toml:5:11: \"maxconn\" is 65: expected an integer from 1 to 64"),
    ("run out.toml", 1, "out.toml:8:14: only interpretive execution can intercept: expected assists = [\"sie\"]"),
    ("run in.toml", 1, "in.toml:9:14: \"mask\": expected masks, psw, control, keys, clocks or svc"),
    ("run no-sie.toml", 1, "the machine model s370-158 has no such assist: expected a model with facility"),
    ("conform --cases 0", 2, "'0': expected a whole number from 1 to 1000000000"),
    ("conform --cases=-3", 2, "'-3': expected a whole number"),
    ("conform --seed 1z", 2, "'1z': expected a whole number"),
    ("conform --show=-1", 2, "'-1': expected a whole number"),
    ("image create x.ckd --type 3330 --cylinders 0", 2, "'0': expected a whole number from 1"),
    ("image create x.ckd --type 3330 --cylinders=-1", 2, "'-1': expected a whole number"),
    ("native --core good.core --storage 65M", 1, "up to 64M"),
    ("native --core good.core --storage 0", 1, "storage size '0'"),
    ("native --core good.core --storage=-1", 1, "storage size '-1'"),
    ("native --core good.core --storage 18446744073709551615M", 1, "storage size"),
    ("native --core good.core --storage 3K", 1, "multiples of 4096 up to"),
    ("native --core good.core --trace t.txt --trace-limit 0", 1, "--trace-limit '0': expected a number"),
    ("native --core good.core --trace t.txt --trace-limit 9999999G", 1, "up to 1024G"),
    ("run vm.toml --trace t.json --trace-limit 5T", 1, "--trace-limit '5T'"),
    ("native --core good.core --functions good.core", 1, "good.core: expected a 32-bit big-endian ELF file with symbols"),
    ("native --core good.core --functions missing.elf", 1, "missing.elf: cannot be read"),
    ("calibrate --core good.core --functions good.core --steps vm.toml -o m.toml", 1, "vm.toml"),
    ("calibrate --core good.core --functions good.core -o m.toml", 2, "--steps"),
    ("native --core good.core --dump 5", 1, "expected HEXADDR:HEXLEN"),
    ("native --core good.core --dump 0:XY", 1, "'XY' is not a hexadecimal number"),
    ("native --core good.core --dump FFFFFFFF:2", 1, "beyond the end of storage"),
    ("native --core good.core@XYZ", 1, "expected a hexadecimal address"),
    ("native --core good.core --console 0x1", 1, "expected a device address"),
    ("disasm good.core --start XY", 1, "'XY' is not a hexadecimal number"),
    ("disasm good.core --start FFFF", 1, "is not in the file, which covers"),
    ("disasm good.core --length=-1", 1, "'-1' is not a hexadecimal number"),
    # Options that do not apply
    ("native --core good.core --policy stride", 2, "a native run has no control program"),
    ("native --core good.core --cp-model unit", 2, "a native run has no control program"),
    ("native --core good.core --cp-scale 2", 2, "a native run has no control program"),
    ("native vm.toml --slice-ms 5", 2, "a native run has no control program"),
    ("native --core good.core --vm a", 2, "expected a scenario, which this is for"),
    ("native --core good.core --seed 3", 2, "expected a scenario, which this is for"),
    ("native vm.toml --storage 1M", 2, "the scenario says this"),
    ("native --core good.core --trace-limit 1M", 2, "expected --trace or --trace-io"),
    ("native --core good.core --panel --trace t.txt", 2, "--panel cannot go with"),
    ("sweep vm.toml --from 1 --values 1,2", 2, "--values"),
    ("sweep vm.toml --steps 4 --values 1,2", 2, "--values"),
    ("conform --channel --group float", 2, "--channel"),
    ("conform --unit 1403", 2, "--unit"),
    ("native --core good.core --executor magic", 2, "--executor: 'magic': expected interpreter, translator or auto"),
    ("run vm.toml --executor magic", 2, "--executor: 'magic': expected interpreter, translator or auto"),
    ("lab grade 1 . --executor magic", 2, "--executor: 'magic': expected interpreter, translator or auto"),
    # Files
    ("run nowhere.toml", 1, "nowhere.toml: cannot be read: No such file or directory"),
    ("run folder", 1, "folder: cannot be read: Is a directory"),
    ("compare nowhere.toml", 1, "nowhere.toml: cannot be read: No such file or directory"),
    ("sweep nowhere.toml", 1, "nowhere.toml: cannot be read: No such file or directory"),
    ("native nowhere.toml", 1, "nowhere.toml: cannot be read: No such file or directory"),
    ("native --core nowhere.core", 1, "nowhere.core: cannot be read: No such file or directory"),
    ("native --core folder", 1, "folder: cannot be read: Is a directory"),
    ("native --ipl reader:folder", 1, "folder: "),
    ("native --ipl reader:nowhere.deck", 1, "nowhere.deck: cannot be read"),
    ("native --ipl reader:empty.deck", 1, "empty.deck: expected at least one card"),
    ("native --ipl reader:odd.deck", 1, "odd.deck: "),
    ("native --core good.core --cards nowhere.txt", 1, "nowhere.txt: cannot be read"),
    ("native --core good.core --operator nowhere.toml", 1, "nowhere.toml: cannot be read"),
    ("native --core good.core --operator script.toml", 1, "script.toml:2:"),
    ("native --core nowhere.core", 1, "vmcp: error: nowhere.core: cannot be read: No such file or directory"),
    ("native --core long.core", 1, "vmcp: error: long.core: expected a file of at most 67108864 bytes"),
    ("native --ipl reader:long.core", 1, "vmcp: error: long.core: expected a deck of at most 67108864 bytes"),
    ("native --core good.core --console-input nowhere.txt", 1, "nowhere.txt: cannot be read: No such file or directory"),
    ("native --core good.core --console-input no/such", 1, "no/such: cannot be read: No such file or directory"),
    ("native --core good.core --model nowhere.toml", 1, "nowhere.toml: cannot be read"),
    ("native --core good.core --model vax", 1, "vax"),
    ("asm nowhere.asm", 1, "nowhere.asm: cannot be read: No such file or directory"),
    ("asm folder", 1, "folder: cannot be read: Is a directory"),
    ("asm error.asm", 1, "error.asm:2:"),
    ("asm good.asm --date 13/45/99", 1, "--date 13/45/99: expected a date"),
    ("asm good.asm --time 25.00", 1, "--time 25.00: expected"),
    ("disasm nowhere.core", 1, "nowhere.core: cannot be read: No such file or directory"),
    ("disasm folder", 1, "folder: cannot be read: Is a directory"),
    ("run syntax.toml", 1, "syntax.toml:1:"),
    ("run unknown.toml", 1, 'unknown.toml:5:1: unknown key "colour"'),
    ("run none.toml", 1, "none.toml:1:1: the virtual machine has nothing to run"),
    ("run no-vm.toml", 1, "no-vm.toml:"),
    ("run missing.toml", 1, "missing.toml:4:"),
    ("run source.toml", 1, "error.asm:2:"),
    ("run deck.toml", 1, "deck.toml:4:"),
    ("run cards.toml", 1, "cards.toml:5:"),
    ("run core.toml", 1, "core.toml:4:"),
    ("run folder.toml", 1, "folder.toml:4:"),
    ("run storage.toml", 1, "a multiple of 4K up to 64M"),
    ("run odd-storage.toml", 1, "odd-storage.toml:3:"),
    ("run nan.toml", 1, "nan.toml:5:"),
    ("run text.toml", 1, "text.toml:5:"),
    ("run twice.toml", 1, "twice.toml:"),
    ("run model.toml", 1, 'model.toml:2:'),
    ("run ring.toml", 1, 'ring.toml:6:8: "tape": expected block, console, network or entropy'),
    ("run ring-disk.toml", 1, "ring-disk.toml:7:8: the machine has no real disk at 191: expected a [[vm.device]] with minidisk, link, temp or dedicate"),
    ("run good.core", 1, "good.core:1:"),
    ("run vm.toml --terminal nobody", 1, 'there is no virtual machine "nobody"'),
    ("native vm.toml --vm nobody", 1, 'there is no virtual machine "nobody"'),
    # Outputs that are refused before anything is done
    ("asm good.asm -o good.asm", 1, "--output good.asm: that is the source itself"),
    ("asm good.asm -o ./good.asm", 1, "that is the source itself"),
    ("asm good.asm -o x --listing x", 1, "--listing x: that is the output as well"),
    ("asm good.asm -o no/such/x", 1, "no/such/x: cannot be written: No such file or directory"),
    ("asm good.asm -o folder", 1, "folder: cannot be written: Is a directory"),
    ("asm good.asm -o - --listing -", 1, "standard output can take one of --output and --listing"),
    ("run vm.toml --json vm.toml", 1, "--json vm.toml: that is an input as well"),
    ("run vm.toml --csv good.asm", 1, "--csv good.asm: that is an input as well"),
    ("run vm.toml --json x --csv ./x", 1, "--csv ./x: that is what --json writes as well"),
    ("run vm.toml --json - --csv - --trace -", 1, "standard output can take one of --json, --csv and --trace"),
    ("run vm.toml --trace folder", 1, "folder: cannot be written: Is a directory"),
    ("run vm.toml --trace no/such", 1, "no/such: cannot be written: No such file or directory"),
    ("run prints.toml --json list.txt", 1, "that is what --json writes as well"),
    ("compare vm.toml --json x --csv x", 1, "--csv x: that is what --json writes as well"),
    ("compare vm.toml --csv vm.toml", 1, "--csv vm.toml: that is an input as well"),
    ("native --core good.core --json good.core", 1, "--json good.core: that is an input as well"),
    ("native --core good.core --json x --trace x", 1, "--trace x: that is what --json writes as well"),
    ("native --core good.core --json - --printer -", 1, "standard output can take one of --json and --printer"),
    ("sweep vm.toml -o no/such", 1, "no/such.csv: cannot be written: No such file or directory"),
    ("run vm.toml --output-dir vm.toml", 1, "vm.toml: cannot be made"),
    ("run vm.toml --log-file folder", 1, "folder: cannot be written: Is a directory"),
    # Outputs that fail
    ("asm good.asm -o /dev/full", 1, "/dev/full: " + FULL),
    ("asm good.asm --listing /dev/full", 1, "/dev/full: " + FULL),
    ("asm good.asm --listing - >/dev/full", 1, OUT_FULL),
    ("asm good.asm --listing - >&-", 1, "standard output: cannot be written: Bad file descriptor"),
    ("asm error.asm 2>/dev/full", 1, None),
    ("run vm.toml >/dev/full", 1, OUT_FULL),
    ("run vm.toml >&-", 1, "standard output: cannot be written: Bad file descriptor"),
    ("run vm.toml --json - >/dev/full", 1, OUT_FULL),
    ("run vm.toml --quiet --json /dev/full", 1, "/dev/full: " + FULL),
    ("run vm.toml --quiet --csv /dev/full", 1, "/dev/full: " + FULL),
    ("run vm.toml --quiet --trace /dev/full", 1, "/dev/full: " + FULL),
    ("run --keys >/dev/full", 1, OUT_FULL),
    ("compare vm.toml >/dev/full", 1, OUT_FULL),
    ("compare vm.toml --json - >/dev/full", 1, OUT_FULL),
    ("compare vm.toml --csv /dev/full >/dev/null", 1, "/dev/full: " + FULL),
    (SWEEP + " --no-plot -o s >/dev/full", 1, OUT_FULL),
    (SWEEP + " -o - >/dev/full", 1, OUT_FULL),
    ("native --core good.core 2>/dev/full", 1, None),
    ("native --core good.core 2>&-", 1, None),
    ("native --core good.core --json - >/dev/full", 1, OUT_FULL),
    ("native --core good.core --json /dev/full", 1, "/dev/full: " + FULL),
    ("native --core good.core --trace /dev/full", 1, "/dev/full: " + FULL),
    ("native --core good.core --trace - >/dev/full", 1, OUT_FULL),
    ("disasm good.core >/dev/full", 1, OUT_FULL),
    ("disasm good.core >&-", 1, "standard output: cannot be written: Bad file descriptor"),
    ("instructions >/dev/full", 1, OUT_FULL),
    ("instructions --markdown >/dev/full", 1, OUT_FULL),
    ("conform --channel --list >/dev/full", 1, OUT_FULL),
    ("--help >/dev/full", 1, OUT_FULL),
    ("run --help >/dev/full", 1, OUT_FULL),
    ("--version >/dev/full", 1, OUT_FULL),
    ("--version >&-", 1, "standard output: cannot be written: Bad file descriptor"),
    ("nonsense 2>/dev/full", 2, None),
    ("run nowhere.toml 2>/dev/full", 1, None),
    ("run nowhere.toml 2>&-", 1, None),
    # Guests that end badly, and limits
    ("native --core bad.core", 3, "disabled-wait"),
    ("native --core loop.core --max-instructions 100", 3, "limit"),
    ("native --core loop.core --time-limit-ms 1", 3, "limit"),
    ("native --core loop.core --max-instructions 100000 --trace t.txt --trace-limit 10K", 3,
     "t.txt: the trace ends before the run, at 10K (--trace-limit)"),
    ("run bad.toml", 3, None),
    ("run loop.toml", 3, None),
    ("run vm.toml --quiet --trace t.json --trace-limit 1K", 3, "t.json: the trace ends before the run"),
    ("compare bad.toml", 3, None),
    # And what is not wrong
    ("native --core good.core --json -", 0, None),
    ("run vm.toml", 0, None),
    ("run vm.toml --json link.json --quiet", 0, None),
    ("run vm.toml --json /dev/null --csv /dev/null --quiet", 0, None),
    ("asm good.asm -o - >/dev/null", 0, None),
    (SWEEP + " -o - >/dev/null", 0, None),
]


def run(vmcp, arguments):
    done = subprocess.run(["bash", "-c", f'"$0" {arguments}', vmcp], capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, timeout=60, check=False)
    return done.returncode, done.stderr


def full_disk(vmcp):
    """A file that is there stays as it is when its successor cannot be written whole."""
    mistakes = []
    limited = f'ulimit -f 1; trap "" XFSZ; "{vmcp}"'
    for name, command in (("kept.json", "run vm.toml --quiet --json kept.json"),
                          ("kept.json", "native --core good.core --json kept.json"),
                          ("kept.json", "run vm.toml --quiet --trace kept.json"),
                          ("s.svg", SWEEP + " -o s")):
        before = pathlib.Path("kept.json").read_text(encoding="utf-8")
        pathlib.Path(name).write_text(before, encoding="utf-8")
        done = subprocess.run(["bash", "-c", f"{limited} {command}"], capture_output=True, text=True, check=False)
        after = pathlib.Path(name).read_text(encoding="utf-8")
        # Short results fit into the one block that there is.
        if after != before and done.returncode != 0:
            mistakes.append(f"{command}: {name} was destroyed: {after[:60]}")
        if after == before and (done.returncode != 1 or "cannot be written" not in done.stderr and
                                "did not draw" not in done.stderr):
            mistakes.append(f"{command}: exit code {done.returncode}: {done.stderr}")
    return mistakes


def main():
    vmcp = os.path.abspath(sys.argv[1])
    mistakes = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TMPDIR"] = folder
        files(vmcp)
        labs()
        for arguments, code, part in ROWS:
            got, said = run(vmcp, arguments)
            if got != code or (part is not None and part not in said) or "terminate called" in said:
                mistakes.append(f"vmcp {arguments}\n  expected {code}: {part}\n  got      {got}: {said.strip()}")
        if not pathlib.Path("link.json").is_symlink() or pathlib.Path("linked.json").stat().st_size < 100:
            mistakes.append("a symbolic link was replaced, not followed")
        mistakes += full_disk(vmcp)
        left = [name for name in os.listdir(".") if name.endswith(".draft") or name.startswith("vmcp-")]
        if left:
            mistakes.append(f"left behind: {left}")
        os.chdir("/")
    for mistake in mistakes:
        print(mistake)
    print(f"{len(ROWS)} rows, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())

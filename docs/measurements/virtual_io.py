#!/usr/bin/env python3
"""Measures what input and output costs guests of each kind, and writes docs/measurements/virtual-io.md beside itself.

Every system runs natively, and then as a guest for each kind of storage and way of I/O. All figures are simulated, so
they are the same each time. Systems whose tapes are not here (VMCP_SHARED, or ../shared beside the repository) are
left out, with a word in the document.

examples:
  docs/measurements/virtual_io.py                                 all of it
  docs/measurements/virtual_io.py --only disk-system -o -         one system, to standard output
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = pathlib.Path(os.environ.get("VMCP_SHARED", ROOT.parent / "shared")) / "guests"


class Mistake(Exception):
    """What the caller is told in one line."""


class Program:
    path = ROOT / "build/release/vmcp"


def vmcp(*arguments, well=(0,)):
    done = subprocess.run([Program.path, *map(str, arguments)], capture_output=True, encoding="utf-8")
    if done.returncode not in well:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Mistake(f"vmcp {' '.join(map(str, arguments))}: exit code {done.returncode}: {reason}")
    return done.stdout


# Steps of an operator's script.


def wait_for(text, limit=600):
    return f"[[step]]\nwait = '''{text}'''\nlimit_s = {limit}\n"


def answer(text, reply, limit=600):
    return wait_for(text, limit) + f'type = """{reply}"""\n'


def attention(pause):
    return f"[[step]]\npause_s = {pause}\nattention = true\n"


def utility(cards):
    file = SHARED / "osvs1" / cards
    return attention(5) + wait_for("IBC105A") + f"cards = '{file}'\ntype = 'input=2540,00c'\n" + wait_for("IBC163A", 20000)


# The systems. `prepare` puts into the folder what a run changes, and answers the devices: address, type, file, read only.


class System:
    needs = ()  # files below SHARED
    console = "01F"
    less_storage = None  # real storage that is less than the guest's

    def prepare(self, folder):
        raise NotImplementedError


class DiskSystem(System):
    name, storage, ipl, console = "disk-system", "64K", "190", "009"
    what = "our own (examples/guests/disk-system.asm): its directory and a text are typed, three times"

    def prepare(self, folder):
        for disk, tables in {
            "system": f'[[program]]\ntrack = "0:0"\nfile = "{ROOT}/examples/guests/disk-system.asm"\n',
            "user": '[[record]]\ntrack = "0:0"\nkey = "NOTES   "\ndata = "X\'0001 0000\'NOTES"\n'
            '[[record]]\ntrack = "0:0"\nkey = "X\'FFFFFFFFFFFFFFFF\'"\n'
            f'[[text]]\ntrack = "1:0"\nfile = "{ROOT}/examples/disks/notes.txt"\n',
        }.items():
            (folder / f"{disk}.toml").write_text(f'type = "3330"\ncylinders = 2\n{tables}')
            vmcp("image", "build", folder / disk, folder / f"{disk}.toml", "--force")
        return [("190", "3330", folder / "system", True), ("191", "3330", folder / "user", True)]

    def script(self):
        once = "".join(f"[[step]]\nwait = '{after}'\npause_s = 2\ntype = '{line}'\n" for after, line in (("READY", "type notes"), ("READY", "dir")))
        return "[[step]]\nwait = 'HELP, STOP'\npause_s = 2\ntype = 'dir'\n" + 3 * once + wait_for("READY")


class Dasdi(System):
    name, storage, ipl = "IBCDASDI", "4M", "180"
    what = "IBM's stand-alone utility, from OS/VS1's starter tape: a 3330 is formatted"
    needs = ("osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards")

    def prepare(self, folder):
        vmcp("image", "create", folder / "disk", "3330", "--alternates", "--format", "zlib", "--force")
        return [("150", "3330", folder / "disk", False), ("180", "3420", SHARED / self.needs[0], True)]

    def script(self):
        return utility("dasdi.cards")


class OsVs1(System):
    name, storage, ipl = "OS/VS1", "4M", "150"
    what = "Release 6.0, which translates addresses itself: cold start and a job"
    needs = ("osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards", "osvs1/hello.jcl")
    less_storage = "3M"
    restored = None

    def prepare(self, folder):
        if self.restored is None:  # natively, once
            restore = Dasdi()
            devices = restore.prepare(folder)
            script = utility("dasdi.cards") + "[[step]]\npause_s = 5\nipl = '180'\n" + utility("restore.cards")
            run_natively(restore, devices, script, folder)
            self.restored = folder / "restored"
            shutil.move(folder / "disk", self.restored)
        shutil.copy(self.restored, folder / "disk")
        shutil.copy(SHARED / "osvs1/hello.jcl", folder / "hello.txt")
        return [("150", "3330", folder / "disk", False), ("180", "3420", "", False)]

    def script(self):
        return (
            answer("IEA760A", "")
            + answer("IEA101A", "r 00,'auto=starter,page=(v=dliba1,blk=4096),q=(,f)'")
            + answer("IEA135A", "")
            + wait_for("IEE101A READY")
            + answer("\\*00 IEF068A", "r 00,'formatv'")
            + answer("\\*01 IEC107D", "r 01,u")
            + answer("\\*02 IEC107D", "r 02,u")
            + wait_for("IEE048I", 2000)
            + wait_for("IEF005I", 2000)
            + "[[step]]\npause_s = 2\ntype = 'startf ,00e'\n"
            + "[[step]]\npause_s = 20\ncards = 'hello.txt'\n"
            + "[[step]]\npause_s = 2\ntype = 'startf ,00c'\n"
            + wait_for("HELLO FROM OS/VS1 RELEASE 6.0", 4000)
            + wait_for("IEF404I HELLO", 4000)
        )


class Bos360(System):
    name, storage, ipl = "BOS/360", "64K", "180"
    what = "of 1966, on tapes, in BC mode without translation: a FORTRAN job is compiled, linked and run"
    needs = ("bos360/bos360.aws",)
    job = """// JOB FORT
// OPTION LINK,LOG
// EXEC FORTRAN
      I = 6 * 7
      WRITE(3,10) I
   10 FORMAT(1H ,20HTHE ANSWER BY BOS IS,I5)
      STOP
      END
/*
// EXEC LNKEDT
// EXEC
/*
/&
"""

    def prepare(self, folder):
        (folder / "jobs.txt").write_text(self.job)
        devices = [("180", "2400", SHARED / self.needs[0], True)]
        for address in ("181", "182", "183", "184"):
            vmcp("image", "create", folder / address, "tape", "--force")
            devices.append((address, "2400", folder / address, False))
        return devices

    def script(self):
        return (
            attention(10)
            + answer("0I10A", "set date=09/07/66,clock=00/00/00")
            + wait_for("1C00A")
            + "cards = 'jobs.txt'\ntype = ''\n"
            + wait_for("EOJ FORT")
        )


# Running them.


def device_lines(address, kind, file, read_only):
    lines = f'address = "{address}"\ntype = "{kind}"\n'
    if file:
        lines += f'file = "{file}"\n'
    return lines + ("read_only = true\n" if read_only else "")


def machine(system, more=""):
    return (
        f'[[vm]]\nname = "GUEST"\nstorage = "{system.storage}"\nconsole = "{system.console}"\nipl = "{system.ipl}"\n'
        f'operator = "script.toml"\n{more}'
    )


def result_of(command, folder, text, script):
    (folder / "script.toml").write_text(script)
    (folder / "measured.toml").write_text(text)
    quiet = ["--quiet"] if command == "run" else []
    vmcp(command, folder / "measured.toml", *quiet, "--no-host", "--json", folder / "result.json", well=(0, 3))
    return json.loads((folder / "result.json").read_text("utf-8"))


def run_natively(system, devices, script, folder):
    text = f'[run]\ntime_limit_ms = 1e8\n{machine(system)}'
    text += "".join("[[vm.device]]\n" + device_lines(*device) for device in devices)
    return result_of("native", folder, text, script)


def run_as_guest(system, devices, script, folder, way):
    text = f'[machine]\nmodel = "{way.model}"\nstorage = "{way.storage or "8M"}"\n'
    text += "".join("[[machine.device]]\n" + device_lines(*device) for device in devices)
    text += "[run]\ntime_limit_ms = 1e8\n" + machine(system, f'kind = "{way.kind}"\n' + way.keys)
    io = f'io = "{way.io}"\n' + (f'io_mapping = "{way.mapping}"\n' if way.mapping else "") + ("interpretive_io = true\n" if way.interpretive else "")
    text += "".join(f'[[vm.device]]\naddress = "{d[0]}"\ndedicate = "{d[0]}"\n{io}' for d in devices)
    return result_of("run", folder, text, script)


class Way:
    def __init__(self, kind, io, storage=None, model="s370-158", mapping=None, sie=None):
        """sie: in interpretive execution; "I/O" with interpretive I/O, "waits" and waiting without coming out."""
        self.kind, self.io, self.storage, self.model, self.mapping, self.sie = kind, io, storage, model, mapping, sie
        self.interpretive = sie in ("I/O", "waits")
        self.keys = ('assists = ["sie"]\ntranslation = "nested"\n' if sie else "") + ("wait_completion = true\n" if sie == "waits" else "")

    @property
    def name(self):
        """Of the way, beside the kind of storage."""
        return self.io + (f", {self.mapping}" if self.mapping else "") + (f", {SIE[self.sie]}" if self.sie else "")


SIE = {"execution": "interpretive execution", "I/O": "interpretive I/O", "waits": "interpretive I/O, waits within"}


def ways(system):
    less = [Way("V=V", io, system.less_storage) for io in ("ccw-translation", "fast") if system.less_storage]
    return (
        [Way("V=V", "ccw-translation"), Way("V=V", "fast")]
        + less
        + [Way(kind, io) for kind in ("V=Resident", "V=R") for io in ("ccw-translation", "fast", "direct")]
        + [
            Way("V=V", "translating-channel", model="s370-158-translating", mapping=mapping)
            for mapping in ("whole-guest", "per-program", "per-program-cached")
        ]
        + [Way("V=Resident", "direct", model="s370-158-interpretive-io", sie=sie) for sie in SIE]
        # Room enough for a guest of 4M to stay mapped.
        + [Way("V=V", "translating-channel", "12M", "s370-158-interpretive-io", "whole-guest", "waits")]
    )


# What came of it.


def seconds(ns):
    return f"{ns / 1e9:,.2f} s"


def io_time(vm):
    """Control-program time for input and output: its instructions, real and virtual interruptions."""
    causes = ("SIO", "SIOF", "TIO", "TCH", "HIO", "HDV", "CLRIO", "real_io", "ccw", "reflect_io", "ipl")
    return sum(vm["causes"].get(cause, {"cp_ns": 0})["cp_ns"] for cause in causes)


def row(way, vm, native):
    starts = sum(device["starts"] for device in vm["devices"])
    ccws = sum(device["control_ccws"] + device["data_ccws"] for device in vm["devices"])
    dearest = sorted(vm["causes"].items(), key=lambda item: -item[1]["cp_ns"])[:3]
    busy = vm["guest_ns"] + vm["cp_ns"]
    return [
        way.kind + (f", {way.storage} real" if way.storage else ""),
        way.name,
        f"{vm['exits']:,}",
        f"{starts:,}",
        f"{ccws:,}",
        f"{sum(device['page_crossings'] for device in vm['devices']):,}",
        f"{vm['tv_ratio']:.2f}",
        f"{100 * vm['cp_ns'] / busy:.0f} %",
        f"{busy / native['busy_ns']:.2f}",
        f"{vm['elapsed_ns'] / native['elapsed_ns']:.3f}",
        f"{io_time(vm) / starts / 1000:,.0f} us",
        ", ".join(f"{name} {entry['count']:,}" for name, entry in dearest),
    ]


HEADING = (
    "storage",
    "way of I/O",
    "exits",
    "SIO to real devices",
    "CCWs translated",
    "page crossings",
    "T/V",
    "CP share",
    "CPU time / native",
    "elapsed / native",
    "CP time for I/O, each SIO",
    "dearest causes, and how often",
)


def measure(system, folder):
    script = system.script()

    native = run_natively(system, system.prepare(folder), script, folder)
    native = {"elapsed_ns": native["simulated_ns"], "busy_ns": native["busy_ns"]}
    lines, vms = [], {}
    for way in ways(system):
        vm = run_as_guest(system, system.prepare(folder), script, folder, way)["vms"][0]
        print(f"{system.name}, {way.kind}, {way.name}: T/V {vm['tv_ratio']:.2f}", file=sys.stderr)
        lines.append(row(way, vm, native))
        if not way.storage:
            vms[way.kind, way.sie or way.mapping or way.io] = vm
    text = [f"## {system.name}", "", system.what[0].upper() + system.what[1:] + ".", ""]
    text += [f"Natively: {seconds(native['elapsed_ns'])}, of which the CPU works {seconds(native['busy_ns'])}.", ""]
    text += ["| " + " | ".join(HEADING) + " |", "|" + " --- |" * len(HEADING)]
    text += ["| " + " | ".join(line) + " |" for line in lines]
    return text + [""], native, vms


def dearer(vms, mapping):
    """How many percent more CPU time it takes than with all of the guest mapped once."""
    once, other = (vms["V=V", name] for name in ("whole-guest", mapping))
    return 100 * ((other["guest_ns"] + other["cp_ns"]) / (once["guest_ns"] + once["cp_ns"]) - 1)


DIRECT = {"direct": "direct", "I/O": "direct, interpretive I/O", "waits": "direct, interpretive I/O, waits within"}


def published(measured):
    """What others told of their machines, beside what came out here."""
    lines = []

    def verdict(value, low, high):
        return "there" if low <= value <= high else "below" if value < low else "above"

    for name, (native, vms) in measured.items():
        if native["busy_ns"] > 0.95 * native["elapsed_ns"]:
            lines.append([name, "all three", "it polls its devices: what it saves it polls away, natively as well", "cannot be compared"])
            continue
        copied, fast = vms["V=V", "ccw-translation"], vms["V=V", "fast"]
        saved = 100 * (1 - fast["cp_ns"] / copied["cp_ns"])

        def speed(way, native=native, vms=vms):
            """Of native, by CPU time and by elapsed time, in percent."""
            vm = vms["V=Resident", way]
            return 100 * native["busy_ns"] / (vm["guest_ns"] + vm["cp_ns"]), 100 * native["elapsed_ns"] / vm["elapsed_ns"]

        def more(way, native=native, vms=vms):
            vm = vms["V=Resident", way]
            return 100 * ((vm["guest_ns"] + vm["cp_ns"]) / native["busy_ns"] - 1)

        lines += [
            [name, "Hitachi, fast I/O simulation: 40 to 50 % less CPU overhead", f"{saved:.1f} % less (V=V, fast)", verdict(saved, 40, 50)],
            *(
                [
                    name,
                    "Hitachi, direct I/O, resident: above 90 % of native",
                    f"{speed(way)[0]:.0f} % by CPU time, {speed(way)[1]:.0f} % by elapsed time (V=Resident, {said})",
                    ", ".join(verdict(x, 90, 1e9) for x in speed(way)),
                ]
                for way, said in DIRECT.items()
            ),
            *([name, "Fujitsu, dedicated channels: 5 to 15 % more CPU time", f"{more(way):.0f} % more (V=Resident, {said})", verdict(more(way), 5, 15)] for way, said in DIRECT.items()),
            [
                name,
                "IOMMU, mapped by the request: up to 60 % more CPU time",
                f"{dearer(vms, 'per-program'):.1f} % more ({dearer(vms, 'per-program-cached'):.1f} % cached) than mapped once (V=V, translating-channel)",
                verdict(dearer(vms, "per-program"), 0, 60),
            ],
        ]
    return [
        "## Beside what was published",
        "",
        "| system | published | here | in that band? |",
        "| --- | --- | --- | --- |",
        *("| " + " | ".join(line) + " |" for line in lines),
        "",
        "Sources: Hitachi, IPSJ 1981-07-15 (Hino, Umeno, Ohmachi, Imura), and Umeno and Tanaka, IEEE Transactions on Computers C-36(9),",
        "September 1987; Fujitsu AVM/EF, IPSJ Computer Museum; Ben-Yehuda and others, OLS 2007 (recalled). No price was fitted to them.",
        "What their machines and loads were in detail these sources do not say; the loads here are the start of a system, its utilities and a small job. Without microcode every privileged instruction",
        "traps, and each SIO, whatever the way of I/O: `fast` and `direct` save the translation of CCWs, which is the smaller part of a SIO (docs/virtual-io.md), and of OS/VS1 most control-program time is not",
        "for I/O at all: RRB, LRA and TIO trap far more often than SIO. So no band is met there. What their machines had is met with what they had: a machine that executes the guest, issues its SIO and presents",
        "its interruptions without the control program (interpretive I/O, docs/pass-through.md), for a guest whose storage is resident. A wait is the control program's in the one line, and in the other the CPU",
        "waits with the guest, which is no CPU time of anybody's here, but keeps others waiting. The guest disk-system works for so little of its time that its few lines on the console are most of what it costs.",
        "",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    systems = [DiskSystem(), Dasdi(), OsVs1(), Bos360()]
    parser.add_argument("--only", choices=[system.name for system in systems], help="measure one system")
    parser.add_argument("--vmcp", metavar="FILE", help="the program (build/release/vmcp)")
    parser.add_argument("-o", "--output", metavar="FILE", default=str(pathlib.Path(__file__).with_name("virtual-io.md")), help="or - for standard output")
    arguments = parser.parse_args()
    if arguments.vmcp:
        Program.path = pathlib.Path(arguments.vmcp).resolve()
    text = [
        "# What virtual input and output costs",
        "",
        "Made by `docs/measurements/virtual_io.py`; models `s370-158` and `vm370`. Each system runs alone, its disks and tapes dedicated, with an",
        "operator who answers at the same simulated pace. *CPU time / native* is guest and control program together, in multiples of what the bare machine",
        "did not wait; *elapsed / native* contains the operator's pauses and the console's typing. *CP time for I/O* is that of I/O instructions and",
        "real and virtual interruptions, of spooled devices and the console too, divided by the SIOs to real devices. A system that polls its devices",
        "natively never waits, so its CPU time says nothing about what traps cost. CCWs that are left under `direct` are those of the IPL.",
        "`fast` keeps four programs a device, and with 3M of real storage, where frames are short, only the last one.",
        "",
    ]
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for system in systems:
            if arguments.only not in (None, system.name):
                continue
            absent = [file for file in system.needs if not (SHARED / file).exists()]
            if absent:
                print(f"{system.name}: left out: {SHARED / absent[0]} is not here", file=sys.stderr)
                text += [f"## {system.name}", "", "Left out: its files were not there.", ""]
                continue
            lines, native, vms = measure(system, pathlib.Path(folder))
            text += lines
            measured[system.name] = native, vms
    whole = "\n".join(text + published(measured)).rstrip() + "\n"
    if arguments.output == "-":
        print(whole, end="")
    else:
        pathlib.Path(arguments.output).write_text(whole, "utf-8")


if __name__ == "__main__":
    try:
        main()
    except Mistake as mistake:
        print(f"virtual_io.py: {mistake}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"virtual_io.py: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)

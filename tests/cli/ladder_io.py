#!/usr/bin/env python3
"""vmcp ladder io: every way does the same work, costs stand in the order that the documents claim, two runs give the same bytes.

    tests/cli/ladder_io.py VMCP
"""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
REQUESTS, STEP = 8, 37
MISTAKES = []


def check(what, *context):
    if not what:
        MISTAKES.append(" ".join(str(c) for c in context))
        print(MISTAKES[-1])
    return what


def vmcp(*arguments, width=80, well=0):
    done = subprocess.run([sys.argv[1], "ladder", "io", *arguments], cwd=SOURCE, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "COLUMNS": str(width), "LC_ALL": "C.UTF-8"})
    check(done.returncode == well, arguments, "exit code", done.returncode, done.stderr)
    return done.stdout if well == 0 else done.stderr


# What the guests must come to, worked out without them.


def word(x):
    return x & 0xFFFFFFFF


def low_half(x):
    return x & 0xFFFF


def disk_sum(requests):
    """MH multiplies by 31; each block has eight parts, whose first and last words are what was written there."""
    total = 0
    for i in range(requests):
        block = i * STEP % 1024 * 8
        for part in range(8, 0, -1):
            written = word(block * 1237 + part)
            total = word(total * 31 + 2 * written)
    return f"{total:08X}"


def console_sum(requests):
    total = 0
    for i in range(1, requests + 1):
        text = f"LINE {i:05d} OF A LOAD OF LINES, ALL OF ONE LENGTH".ljust(60).encode("cp037")
        for at in range(0, 60, 4):
            total = word(total * 31 + int.from_bytes(text[at:at + 4], "big"))
    return f"{total:08X}"


def network_sum(requests):
    total = 0
    for i in range(1, requests + 1):
        value = i
        for _ in range(15):
            value = word(value * 31)
            total = word(total * 31 + value)
    return f"{total:08X}"


def grants_are_counted():
    """The steps of the control program say it again, whatever the table of ways says: two copies of 2K for a request, or none; and who grants, maps and takes back how often."""
    scenario = (SOURCE / "examples/scenarios/io-disk-grants.toml").read_text(encoding="utf-8").replace("../guests", str(SOURCE / "examples/guests"))
    for word, copies, grants, maps in (("00000007", 64, 64, 0), ("00000008", 0, 64, 64), ("00000207", 64, 1, 0), ("00000208", 0, 1, 64), ("00000608", 0, 1, 1), ("00000708", 0, 4, 4)):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "grants.toml"
            check(scenario.count('"00000008"') == 1, "io-disk-grants.toml has another way")
            file.write_text(scenario.replace('"00000008"', f'"{word}"'), encoding="utf-8")
            done = subprocess.run([sys.argv[1], "run", str(file), "--quiet", "--no-host", "--json", "-"], capture_output=True, encoding="utf-8", check=False)
            if not check(done.returncode == 0, word, "exit code", done.returncode, done.stderr):
                continue
            steps = json.loads(done.stdout)["steps"]
            counted = tuple(steps.get(step, {}).get("count", 0) for step in ("copy_message", "grant_page", "map_grant"))
            check(counted == (copies, grants, maps), word, "copies, grants, maps:", counted, "instead of", (copies, grants, maps))


def main():
    text = vmcp("--requests", str(REQUESTS), "--band", "--no-host", "--json", "-")
    check(text == vmcp("--requests", str(REQUESTS), "--band", "--no-host", "--json", "-"), "a second run gives other bytes")
    result = json.loads(text)
    loads = {load["name"]: {w["name"]: w for w in load["ways"]} for load in result["loads"]}
    check(list(loads) == ["disk", "console", "network"], "loads:", list(loads))
    expected = {"disk": disk_sum(2 * REQUESTS), "console": console_sum(2 * REQUESTS), "network": network_sum(2 * REQUESTS)}
    for name, ways in loads.items():
        for way in ways.values():
            where = f"{name}, {way['name']}:"
            if not way["done"]:
                check(way["missing"], where, "no reason why not")
                continue
            r = way["request"]
            check(way["same"], where, "is not the same")
            check(r["checksum"] == expected[name], where, r["checksum"], "instead of", expected[name])
            check(r["requests"] == 2 * REQUESTS * (2 if name == "disk" else 1), where, r["requests"], "requests")
            check(way["harm"], where, "who can harm whom")
            check(r["guest_ns"] > 0 and r["worst_latency_ns"] >= r["mean_latency_ns"] > 0, where, "times")
            check(way["name"] == "native" or (r["cp_ns"] > 0 and r["cp_ns"] >= r["other_cp_ns"]), where, "control program")

    def cpu(load, way, field="cpu_ns"):
        return loads[load][way]["request"][field]

    def in_order(load, *ways, field="cpu_ns"):
        for a, b in zip(ways, ways[1:]):
            check(cpu(load, a, field) < cpu(load, b, field), f"{load}: {field} of {a} is not below that of {b}")

    # docs/io-ladder.md, "What it shows".
    in_order("disk", "native", "direct", "fast", "ccw-translation", "service")
    in_order("disk", "ring-told-once", "direct", "ring-told-each")
    in_order("disk", "translating-channel", "ccw-translation", "ring")
    in_order("disk", "diagnose", "ccw-translation", field="exits")
    in_order("disk", "ring-told-once", "ring", "service-kept", "service", "service-copied", "service-mapped", field="exits")
    in_order("disk", "ring", "service-kept", "service-mapped-once", "service-copied-once", "service-copied")
    in_order("disk", "service-kept-four", "service-kept", "service-mapped-once", "service-mapped", "service-copied")
    in_order("console", "native", "ring", "diagnose", "simulated", "service")
    in_order("network", "ring-told-once", "ring-told-each", "ring", "iucv", "vmcf", "adapter")
    for way, copies in (("ccw-translation", 0), ("direct", 0), ("translating-channel", 0)):
        check(cpu("disk", way, "copied_bytes") == copies, "disk:", way, "copies", cpu("disk", way, "copied_bytes"))
    check(4096 <= cpu("disk", "ring", "copied_bytes") < 4200, "disk: a ring copies", cpu("disk", "ring", "copied_bytes"))
    check(cpu("disk", "service", "other_guest_ns") > 0 and cpu("disk", "ring", "other_guest_ns") == 0, "disk: who has a service machine")
    for way, copies in (("copied", 4096), ("copied-once", 4096), ("mapped", 0), ("mapped-once", 0), ("kept", 0), ("mapped-four", 0), ("kept-four", 0)):
        check(cpu("disk", f"service-{way}", "copied_bytes") == copies, f"disk: service-{way} copies", cpu("disk", f"service-{way}", "copied_bytes"))
        check(cpu("disk", f"service-{way}", "other_guest_ns") > 0, f"disk: service-{way} has no service machine")
    grants_are_counted()
    for band in result["band"]:
        times = [band["cpu_ns"]["disk"][way] for way in ("direct", "ccw-translation", "service")]
        check(times == sorted(times), f"x{band['scale']}: the order of the three is {times}")
        times = [band["cpu_ns"]["disk"][way] for way in ("ring", "service-kept-four", "service-kept", "service", "service-copied")]
        check(times == sorted(times), f"x{band['scale']}: the order of messages and grants is {times}")
        times = [band["cpu_ns"]["disk"][way] for way in ("native", "direct-exitless", "interpretive-io", "direct-interpretive")]
        check(times == sorted(times), f"x{band['scale']}: the order of what comes out is {times}")
    for way in ("direct-exitless", "translating-exitless"):
        # But for the end of each slice, in which three requests find room.
        check(cpu("disk", way, "exits") < 0.34 and cpu("disk", way, "interruptions") == 1, f"disk: {way} comes out", cpu("disk", way, "exits"))
        check(cpu("disk", way, "cp_ns") < cpu("disk", "native", "guest_ns"), f"disk: {way} takes the control program", cpu("disk", way, "cp_ns"))
    cheaper = {band["scale"]: band["cpu_ns"]["disk"]["service-mapped"] < band["cpu_ns"]["disk"]["service-copied"] for band in result["band"]}
    check(cheaper == {0.5: True, 1: True, 2: False}, "mapping is cheaper than copying:", cheaper)
    for footprint in result["footprints"]:
        check(footprint["control_program_bytes"] >= 65536, footprint["name"], "control program", footprint["control_program_bytes"])
        check(footprint["touched_bytes"] > 0 and footprint["kept_bytes"] > 0, footprint["name"], "takes nothing")
        check(footprint["touched_bytes"] <= footprint["storage"], footprint["name"], "has touched more than it has")
    kept = {f["name"]: f["kept_bytes"] for f in result["footprints"]}
    check(kept["shadow"] > kept["nested"], "shadow tables take no storage")

    # A load and a few ways; and the tables for people and for spreadsheets.
    some = ("--requests", "4", "--loads", "disk,console", "--ways", "native,direct,direct-exitless,service-mapped")
    for width in (60, 80, 120):
        report = vmcp(*some, width=width)
        check(max(map(len, report.splitlines())) <= width, f"a line of more than {width} columns")
        for part in ("Who can harm whom", "not here", "All times are simulated", "same checksum"):
            check(part in " ".join(report.split()), f"{width} columns: no {part!r}")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "io.csv"
        vmcp(*some, "--csv", str(file))
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
        ways = [(r["load"], r["way"], r["done"]) for r in rows]
        disk = [("disk", way, "true") for way in ("native", "direct", "direct-exitless", "service-mapped")]
        check(ways == [*disk, ("console", "native", "true"), ("console", "direct", "false")], "CSV: ways", ways)
        check(all(None not in r and None not in r.values() for r in rows), "CSV: a line with other fields than the heading")
    for arguments, exit_code, said in (
        (("--loads", "tape"), 1, 'there is no load "tape"'),
        (("--ways", "natve"), 1, "(was native meant?)"),
        (("--requests", "6"), 2, "--requests"),
        (("--requests", "0"), 2, "--requests"),
        (("--requests", "1000"), 2, "--requests"),
        (("--json", "a", "--csv", "a"), 1, "that is what"),
        (("--model", "s370-999"), 1, "s370-999"),
        (("scenario.toml",), 1, "takes no scenario"),
    ):
        error = vmcp(*arguments, well=exit_code)
        check(said in error and len(error.splitlines()) <= 2, arguments, "is told", repr(error))
    return 1 if MISTAKES else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the ladder of ways of input and output (vmcp ladder io --band), and writes docs/measurements/io.md beside itself.

  docs/measurements/io.py                 write it (some seconds)
  docs/measurements/io.py --check         exit code 1 if it is not what the program says now
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
# From the one that the literature has as the cheapest to the dearest.
SERVERS = ("nobody", "control program", "service machine")


class Mistake(Exception):
    """What the caller is told in one line."""


def ask(program):
    done = subprocess.run([program, "ladder", "io", "--band", "--no-host", "--json", "-"], cwd=SOURCE, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Mistake(f"vmcp ladder io: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def us(ns):
    return f"{ns / 1000:,.0f}"


def ms(ns):
    return f"{ns / 1e6:,.2f}"


def share(x):
    return f"{x:,.0f} times" if x >= 10 else f"{100 * x:.0f} %"


def load_lines(load):
    ways = [w for w in load["ways"] if w["done"]]
    sums = {w["request"]["checksum"] for w in ways}
    lines = [f"## {load['name'].capitalize()}", "", f"{load['title'][0].upper()}{load['title'][1:]}. Every way has come to the checksum {sums.pop()}.", ""]
    if sums or not all(w["same"] for w in ways):
        raise Mistake(f"load {load['name']}: not every way has done the same")
    lines += [
        "| way | requests a second | of bare metal | mean latency, ms | worst, ms | guest, us | CP, us | other machine, us | CP for it, us | CPU to native | exits | interruptions | copies | assumed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for w in ways:
        r = w["request"]
        alone, other = w["name"] == "native", r["other_cp_ns"] != 0
        lines.append(
            f"| {w['name']} | {r['requests_a_second']:,.1f} | {share(r['of_bare_metal']) if 'of_bare_metal' in r else '-'} | {ms(r['mean_latency_ns'])} | {ms(r['worst_latency_ns'])} | "
            f"{us(r['guest_ns'])} | {'-' if alone else us(r['cp_ns'])} | {us(r['other_guest_ns']) if other else '-'} | {us(r['other_cp_ns']) if other else '-'} | "
            + (f"{r['cpu_to_native']:.1f}" if "cpu_to_native" in r else "-")
            + f" | {'-' if alone else format(r['exits'], '.2f')} | {r['interruptions']:.2f} | {r['copied_bytes'] / load['bytes']:.2f} | {'-' if alone else format(r['assumed_share'], '.0%')} |"
        )
    lines += ["", "| way | what it is | who can harm whom |", "| --- | --- | --- |"]
    for w in load["ways"]:
        what = w["title"] if w["done"] else f"{w['title']}. **Not here**: {w['missing']}"
        lines.append(f"| {w['name']} | {what} | {w['harm']} |")
    return lines + [""]


def order_lines(result):
    lines = [
        "## The order of the three",
        "",
        "Who stands between a guest and its device, in the plainest way, one request at a time; CPU time of a request. Literature has it that nobody costs least and a service",
        "machine most.",
        "",
        "| load | " + " | ".join(SERVERS) + " | as in the literature | at half the prices | at twice |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for load in result["loads"]:
        of = {w["server"]: w for w in load["ways"] if w["done"] and w["plainest"]}
        there = [s for s in SERVERS if s in of]

        def holds(cpu, of=of, there=there, load=load):
            times = [cpu[load["name"]][of[s]["name"]] for s in there]
            return "-" if len(times) < 2 else "yes" if all(a < b for a, b in zip(times, times[1:])) else "**no**"

        cpu = {band["scale"]: band["cpu_ns"] for band in result["band"]}
        cells = [f"{of[s]['name']}: {us(of[s]['request']['cpu_ns'])} us" if s in of else "-" for s in SERVERS]
        lines.append(f"| {load['name']} | " + " | ".join(cells) + f" | {holds(cpu[1])} | {holds(cpu[0.5])} | {holds(cpu[2])} |")
    return lines + [
        "",
        "By whom a mistake harms, the order is another one: where nobody serves, the guest itself; where a service machine does, its clients; where the control program does,",
        "everybody. A service machine is the dearest of the three, and is what one takes to have the control program small and the mistakes of drivers out of it.",
        "",
    ]


def published_lines(result):
    domain, direct = result["published"]

    def band(p):
        return f"{100 * p['low']:.0f} % to {100 * p['high']:.0f} %"

    def inside(x, p):
        return "inside" if p["low"] <= round(x, 2) <= p["high"] else "outside"

    lines = ["## Beside what was published", "", "No price is made to meet a figure, and both were told of other machines and other work.", "", "| load | way | what | published | ours | | source |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for load in result["loads"]:
        for w in load["ways"]:
            if not w["done"]:
                continue
            r = w["request"]
            if w["server"] == "service machine":
                lines.append(f"| {load['name']} | {w['name']} | {domain['what']} | {band(domain)} | {100 * r['other_share']:.0f} % | {inside(r['other_share'], domain)} | {domain['source']} |")
            if w["server"] == "nobody" and w["name"] != "native":
                lines.append(f"| {load['name']} | {w['name']} | {direct['what']} | {band(direct)} | {100 * r['of_bare_metal']:.0f} % | {inside(r['of_bare_metal'], direct)} | {direct['source']} |")
    disk = {w["name"]: w for w in next(load for load in result["loads"] if load["name"] == "disk")["ways"]}
    ratio, exitless = (disk[way]["request"]["cpu_to_native"] for way in ("direct", "direct-exitless"))
    return lines + [
        "",
        f"Why the share of the bare machine says less than it seems to: the disk turns no faster for anybody, and one program that waits for it leaves the CPU idle on the bare machine, too. ELI's figure",
        f"is of a CPU that is busy. By CPU time a request of `direct` takes {ratio:.0f} times that of the bare machine: direct I/O goes without translation, not without the trap of START I/O and the",
        f"interruption through the control program. What ELI adds, interruptions that reach the guest without an exit, are with START I/O and the wait on `direct-exitless`: {exitless:.2f} times.",
        "",
        "Why a service machine for the console takes next to nothing: a line takes the typewriter 0.7 seconds.",
        "",
    ]


def band_lines(result):
    lines = ["## At half and twice the prices", "", "CPU time of a request, in microseconds, with every price of the control program multiplied.", ""]
    for load in result["loads"]:
        names = [w["name"] for w in load["ways"] if w["done"]]
        scales = result["band"]
        lines += [f"| {load['name']} | " + " | ".join(f"x{b['scale']:g}" for b in scales) + " |", "| --- " * (len(scales) + 1) + "|"]
        lines += [f"| {n} | " + " | ".join(us(b["cpu_ns"][load["name"]][n]) for b in scales) + " |" for n in names]
        turned = []
        for i, a in enumerate(names):
            for b in names[i + 1:]:
                if len({s["cpu_ns"][load["name"]][a] < s["cpu_ns"][load["name"]][b] for s in scales}) > 1:
                    turned.append(f"`{a}` and `{b}`")
        lines += ["", f"Which takes less hangs on the prices for: {'; '.join(turned)}." if turned else "Which of two takes less holds at all of these prices.", ""]
    return lines


def footprint_lines(result):
    own = result["footprints"][0]["control_program_bytes"]
    lines = [
        "## Storage",
        "",
        f"Page frames of the real machine (`{result['footprint_model']}`), counted as they are taken by 128 more machines of a kind (`io-footprint.toml`).",
        "",
        "| machine | storage | touched, bytes | kept for it, bytes | such machines in a megabyte | by what is kept alone |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for f in result["footprints"]:
        lines.append(f"| {f['name']} | {f['storage']:,} | {f['touched_bytes']:,.0f} | {f['kept_bytes']:,.0f} | {f['machines_in_megabyte']:.1f} | {f['kept_in_megabyte']:,.0f} |")
    return lines + [
        "",
        f"The control program itself takes {own:,.0f} bytes: 64K are set aside for prefix area and nucleus (assumed), and a page frame for the first tables. *Kept* are translation tables and shadow",
        "tables, and copies of channel programs that are kept. **Not modelled**: control blocks of machines and devices, buffers of rings, queues of messages take no storage of the simulated machine.",
        "So a *thin* monitor, of machines that have nothing but their storage, and a full one, with disks, adapters and rings, differ only in what their guests touch; what differs is shadow tables.",
    ]


def page(result):
    models = result["models"]
    lines = [
        "# Ways of input and output, measured",
        "",
        f"Made by `docs/measurements/io.py` (`vmcp ladder io --band`); machine model `{models['machine']['name']}` with what a way needs, control program `{models['control_program']['name']}`. All times are simulated.",
        f"Every figure of a request is the difference of runs with {result['requests']} and {2 * result['requests']} of a load's requests, divided by those that are more; throughput and latency are those of the longer run, by the",
        "guest's clock. *CP*: the control program's time, all of it; *other machine*: the service machine's own, or that of who is at the other end. *Copies*: how often the control program copies",
        "a byte that is moved. *Assumed*: of CP's time, at prices without a source. [io-ladder.md](../io-ladder.md) has a picture of each way.",
        "",
    ]
    for load in result["loads"]:
        lines += load_lines(load)
    lines += order_lines(result) + published_lines(result) + band_lines(result) + footprint_lines(result)
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vmcp", type=pathlib.Path, default=SOURCE / "build/release/vmcp")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = page(ask(options.vmcp.resolve()))
    target = HERE / "io.md"
    if not options.check:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.read_text(encoding="utf-8") == text:
        return 0
    print("docs/measurements/io.md is not what the program says: run docs/measurements/io.py")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Mistake as mistake:
        print(f"io.py: {mistake}", file=sys.stderr)
        sys.exit(2)

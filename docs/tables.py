#!/usr/bin/env python3
"""Makes the tables of our own simulated figures that README.md, docs/ and examples/ quote, and writes them in place.

A table stands between two lines of a document:

    <!-- table: NAME -->
    | machine | guest | ...
    <!-- end of table -->

The function below that is marked @table("NAME") makes what is between them, from what vmcp says of an example. To add
one, write a function that returns lines, put the two lines into a document, and run this.

examples:
  docs/tables.py                                  bring all tables up to date
  docs/tables.py --check                          write nothing; show what is stale and exit with 1
  docs/tables.py --vmcp build/dev/vmcp            ask another build
"""

import argparse
import csv
import difflib
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "docs/**/*.md", "examples/**/*.md")
BEGIN = re.compile(r"<!-- table: *(\S+) *-->")
END = "<!-- end of table -->"
TABLES = {}  # name: the function that makes its lines


class Mistake(Exception):
    """What the caller is told in one line."""


def table(name):
    def enter(function):
        TABLES[name] = function
        return function

    return enter


# Asking vmcp.


class Program:
    path = ROOT / "build/release/vmcp"


@functools.cache
def ask(*arguments):
    """Standard output of vmcp, which must end well. The same question is asked once."""
    try:
        done = subprocess.run([Program.path, *arguments], cwd=ROOT, env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80"}, capture_output=True, encoding="utf-8", timeout=120)
    except OSError as error:
        raise Mistake(f"cannot run {Program.path}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Mistake(f"vmcp {' '.join(arguments)}: no end after two minutes") from None
    # 3: a guest ended badly, as some of the examples are meant to; an audit has found holes
    if done.returncode not in (0, 3) and (done.returncode, arguments[0]) != (1, "audit"):
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Mistake(f"vmcp {' '.join(arguments)}: exit code {done.returncode}: {reason}")
    return done.stdout


def scenario(name):
    return f"examples/scenarios/{name}.toml"


def run(name, *options):
    """The JSON result of a scenario."""
    return json.loads(ask("run", scenario(name), "--quiet", "--json", "-", *options))


def compare(name):
    return json.loads(ask("compare", scenario(name), "--json", "-"))


def sweep(name, *options):
    """The lines of a sweep's CSV file, as dictionaries."""
    with tempfile.TemporaryDirectory() as folder:
        ask("sweep", scenario(name), *options, "--no-plot", "--output", f"{folder}/sweep")
        with open(f"{folder}/sweep.csv", newline="") as file:
            return list(csv.DictReader(file))


def excerpt(arguments, beginnings):
    """Lines of a report, by their beginnings, in order; "" is the next line, "..." stands for what is left out."""
    lines = ask(*arguments).splitlines()
    shown, next_line = [], 0
    for beginning in beginnings:
        found = next((i for i in range(next_line, len(lines)) if lines[i].startswith(beginning)), None)
        if found is None:
            raise Mistake(f"vmcp {' '.join(arguments)}: no further line begins with \"{beginning}\"")
        left_out = lines[next_line:found]
        if any(left_out) and shown:
            shown.append("...")
        elif left_out and shown:
            shown.append("")
        shown.append(lines[found])
        next_line = found + 1
    return ["```text", *shown, "...", "```"]


# Writing.


def rows(heading, lines):
    """A table of Markdown; heading: "machine | guest"."""
    yield f"| {heading} |"
    yield "|" + " --- |" * len(heading.split("|"))
    for cells in lines:
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"


def ms(nanoseconds):
    return f"{nanoseconds / 1e6:,.0f} ms"


def seconds(nanoseconds, digits=1):
    return f"{nanoseconds / 1e9:,.{digits}f} s"


def band(values, form="{:,.0f}"):
    """ "131 to 141", or "600" where all are written alike."""
    first, last = form.format(min(values)), form.format(max(values))
    return first if first == last else f"{first} to {last}"


def count(vm, cause):
    """How often the control program worked for a machine because of something."""
    return vm["causes"].get(cause, {"count": 0})["count"]


# The tables.


@table("scenario-keys")
def scenario_keys():
    return ["```toml", *ask("run", "--keys").splitlines(), "```"]


@table("spooling-report")
def spooling_report():
    return excerpt(
        ["run", scenario("spooling")],
        ["courier | COURIER: ORDERS", "courier | PUN FILE", "reader  | RDR FILE", "courier | FILES", "reader  | SPOOLER:", "Spool:", "", "Spool file", ""],
    )


@table("shadow-vs-nested")
def shadow_vs_nested():
    named = {"IPTE": "IPTE", "PTLB": "PTLB", "shadow_purge": "purges of the tables", "shadow_fill": "entries filled"}

    def difference(vm):
        for cause, text in named.items():
            work = vm["causes"].get(cause)
            if work and work["cp_ns"] > vm["cp_ns"] / 100:  # the others hardly matter
                yield f"{work['count']:,} {text}: {ms(work['cp_ns'])}"
        walks = vm["tlb_misses"]
        yield f"{walks:,} walks of {vm['table_references'] / walks:.2f} references"

    natively = {guest["names"][0]: guest["native"]["busy_ns"] for guest in compare("shadow-vs-nested")["guests"]}
    lines = []
    for vm in run("shadow-vs-nested")["vms"]:
        times = map(ms, (natively[vm["name"]], vm["guest_ns"], vm["cp_ns"]))
        lines.append([vm["name"], *times, f"{vm['tv_ratio']:.1f}", "; ".join(difference(vm))])
    return rows("machine | natively | guest | CP | T/V | what made the difference", lines)


@table("shadow-vs-nested-scaled")
def shadow_vs_nested_scaled():
    scales = ("0.5", "1", "2")

    def cpu_times(scale):
        vms = run("shadow-vs-nested", "--cp-scale", scale)["vms"]
        return {vm["name"]: vm["guest_ns"] + vm["cp_ns"] for vm in vms}

    times = [cpu_times(scale) for scale in scales]
    return rows(
        "CPU time under shadow tables : nested | " + " | ".join(f"CP prices x {scale}" for scale in scales),
        (
            [guest, *(f"{of[guest + '-shadow'] / of[guest + '-nested']:.2f}" for of in times)]
            for guest in ("churn", "purge", "os", "miss")
        ),
    )


@table("address-spaces")
def address_spaces():
    described = tomllib.loads((ROOT / scenario("address-spaces")).read_text("utf-8"))["vm"]
    return rows(
        "machine | spaces | sets | switches of space | entries filled | purges | T/V",
        (
            [
                vm["name"],
                int(about["patch"]["3FC"], 16),
                about["shadow_sets"],
                *(f"{count(vm, cause):,}" for cause in ("LCTL", "shadow_fill", "shadow_purge")),
                f"{vm['tv_ratio']:.2f}",
            ]
            for vm, about in zip(run("address-spaces")["vms"], described, strict=True)
        ),
    )


@table("overcommit")
def overcommit():
    texts = {
        "local": "local: ten pages",
        "moving": "moving: ten others every 1,000 steps",
        "wide": "wide: sixty pages",
        "random": "random: all 120 pages",
    }
    result, lines = run("overcommit")["vms"], []
    for about in tomllib.loads((ROOT / scenario("overcommit")).read_text("utf-8"))["vm"]:
        steps = int(about["patch"]["3F8"], 16)
        vms = [vm for vm in result if vm["name"].startswith(about["name"])]
        read = [vm["pages"]["in"] for vm in vms]
        lines.append(
            [
                texts[about["name"]],
                f"{steps:,}",
                band(read),
                band([1000 * pages / steps for pages in read], "{:,.0f}" if steps < 100_000 else "{:.1f}"),
                band([vm["page_wait_ns"] / 1e9 for vm in vms]) + " s",
                band([vm["elapsed_ns"] / 1e9 for vm in vms]) + " s",
            ]
        )
    return rows("kind | steps | pages read in | in 1,000 steps | page wait | ended after", lines)


@table("overcommit-curve")
def overcommit_curve():
    return rows(
        "overcommit | real storage | elapsed | pages read in | CPU idle for pages",
        (
            [
                at["overcommit"],
                f"{int(at['real_storage_bytes']) // 1024:,}K",
                seconds(int(at["elapsed_ns"])),
                f"{int(at['pages_in']):,}",
                f"{100 * int(at['idle_for_pages_ns']) / int(at['simulated_ns']):.0f} %",
            ]
            for at in sweep("overcommit", "--values", "1,2,3,4")
        ),
    )


@table("page-contention")
def page_contention():
    result = run("page-contention")
    neighbours = {"quiet": "nobody", "apart": "on another control unit", "beside": "on that of the pages"}
    return rows(
        "machine | a neighbour reads | pages read in | written out | page waits | page wait | each | ended after",
        [
            [
                vm["name"],
                neighbours[vm["name"]],
                vm["pages"]["in"],
                vm["pages"]["out"],
                vm["pages"]["waits"],
                seconds(vm["page_wait_ns"]),
                ms(vm["page_wait_ns"] / vm["pages"]["waits"]),
                seconds(vm["elapsed_ns"]),
            ]
            for vm in result["vms"]
            if vm["name"] in neighbours
        ],
    )


@table("channel-contention")
def channel_contention():
    result = run("channel-contention")
    devices = {device["address"]: device for device in result["machine"]["devices"]}
    return rows(
        "machine | its disk | requests | served, each | of that, the channel was awaited | ended after",
        [
            [
                vm["name"],
                f"{address}, {'beside the other one' if shared else 'alone on its channel'}",
                devices[address]["requests"],
                ms(devices[address]["service_ns"] / devices[address]["requests"]),
                ms(devices[address]["channel_wait_ns"] / devices[address]["requests"]),
                seconds(vm["elapsed_ns"]),
            ]
            for vm, address, shared in zip(result["vms"], ("250", "350", "450", "458"), (False, False, True, True))
        ],
    )


@table("handshake")
def handshake():
    return rows(
        "machine | pages read in | page waits | page wait | guest | CP | ended after",
        (
            [vm["name"], vm["pages"]["in"], vm["pages"]["waits"]]
            + [seconds(vm[key]) for key in ("page_wait_ns", "guest_ns", "cp_ns", "elapsed_ns")]
            for vm in run("handshake")["vms"]
        ),
    )


@table("fairness")
def fairness():
    lines = []
    for policy in ("round-robin", "q1q2", "stride"):
        result = run("fairness", "--policy", policy)
        times = (seconds(vm["guest_ns"] + vm["cp_ns"], 2) for vm in result["vms"])
        lines.append([f"`{policy}`", *times, f"{result['totals']['fairness']:.3f}"])
    shares = (str(vm["share"]) for vm in run("fairness", "--policy", "stride")["vms"])
    return rows(f"policy | CPU time of share {' | of share '.join(shares)} | fairness", lines)


@table("timesharing-scaled")
def timesharing_scaled():
    lines = []
    for scale in ("0.5", "1", "2"):
        totals = run("timesharing", "--cp-scale", scale)["totals"]
        times = [seconds(totals[key], 3) for key in ("simulated_ns", "guest_ns", "cp_ns", "idle_ns")]
        lines.append([scale, *times, f"{totals['tv_ratio']:.2f}"])
    return rows("CP prices x | the whole run | guests | control program | idle | T/V", lines)


@table("timesharing-report")
def timesharing_report():
    return excerpt(
        ("run", scenario("timesharing")),
        [""] * 7
        + ["The whole run", "  guests", "  control program", "  idle", "  Overhead"]
        + ["Machine", "", "", "tasks", "printer"]
        + ["What the control program worked for"]
        + [""] * 3,
    )


@table("privileged-rate-report")
def privileged_rate_report():
    return excerpt(
        ("compare", scenario("privileged-rate")),
        ["         CPU time", "Machine", "per-10", "per-100 ", "per-1000"],
    )


@table("translation-rate")
def translation_rate():
    return excerpt(
        ("compare", scenario("privileged-rate"), "--vary", "technique=trap-and-emulate,interpretation,binary-translation"),
        ["Variant", "", "", "", "CPU time to native", "", "", ""],
    )


ERAS = {
    "interpreter": ("interpretation", "software", "binary-translation"),
    "software": ("cp67", "cp67-short", "software"),
    "assists": ("software", "vma", "evma", "ecps-1to1", "ecps"),
    "io": ("evma", "fast-io", "direct-io"),
    "own-tables": ("ecps", "v=r", "preferred"),
    "hardware": ("software", "preferred", "nested", "interpretive", "interpretive-shadow", "intercepting", "together"),
    "makers": ("vms", "avm", "vms-es"),
}
HISTORY = {  # by the document's word for it: the heading
    "history": "rung | year | CPU to native | control program, ms | exits | at assumed prices",
    "rekishi": "段階 | 年 | CPU 対単独 | 制御プログラム (ms) | 制御プログラムへの出口 | 仮定の価格による割合",
}


def history(names, heading):
    rungs = json.loads(ask("ladder", scenario("ladder"), "--no-host", "--json", "-"))["rungs"]
    by_name = {rung["name"]: rung for rung in rungs}
    return rows(
        heading,
        (
            (
                f"`{name}`",
                by_name[name]["year"],
                f"{by_name[name]['cpu_to_native']:.2f}",
                f"{by_name[name]['cp_ns'] / 1e6:,.0f}",
                f"{by_name[name]['exits']:,}",
                f"{100 * by_name[name]['assumed_share']:.0f} %",
            )
            for name in names
        ),
    )


for word, heading_of_word in HISTORY.items():
    for era_name, names_of_era in ERAS.items():
        table(f"{word}-{era_name}")(functools.partial(history, names_of_era, heading_of_word))


HOSTED = ("software", "hosted", "interpretive", "kvm", "kvm-process")
table("hosted-rungs")(functools.partial(history, HOSTED, HISTORY["history"]))


def operations_on(rungs, operations):
    """CPU time of single operations, ns, by operation and rung."""
    asked = json.loads(ask("nano", "--operations", ",".join(operations), "--rungs", ",".join(rungs), "--json", "-"))
    return {
        one["name"]: {cost["technique"]: cost["guest_ns"] + cost["cp_ns"] for cost in one["cost"]}
        for one in asked["operations"]
    }


HOSTED_OPERATIONS = {"svc": "supervisor call and return", "ssm": "SSM", "tio": "TIO, a device is asked", "sio": "SIO, ends at once"}


@table("hosted-operations")
def hosted_operations():
    """Single operations with a host and without."""
    costs = operations_on(HOSTED, HOSTED_OPERATIONS)
    return rows(
        "CPU time, us | " + " | ".join(f"`{rung}`" for rung in HOSTED),
        ((text, *(f"{costs[name][rung] / 1e3:,.0f}" for rung in HOSTED)) for name, text in HOSTED_OPERATIONS.items()),
    )


@table("hosted-ratio")
def hosted_ratio():
    """What it costs to serve a device in a process, beside what was published."""
    costs = operations_on(HOSTED, HOSTED_OPERATIONS)
    return rows(
        "of `kvm-process` to `kvm` | measured here | published",
        (
            ("TIO", f"{costs['tio']['kvm-process'] / costs['tio']['kvm']:.2f}", "2.5 to 2.8 (a read from a device)"),
            ("SIO that ends at once", f"{costs['sio']['kvm-process'] / costs['sio']['kvm']:.2f}", "-"),
        ),
    )


@table("hosted-machines")
def hosted_machines():
    """The same guest with its devices in the kernel and in a process, and one that computes."""
    served = {"kernel": "in the kernel", "process": "in a process", "cpu": "in the kernel"}
    return rows(
        "machine | its devices are served | exits | guest | control program and host",
        (
            (f"`{vm['name']}`", served[vm["name"]], f"{vm['exits']:,}", ms(vm["guest_ns"]), ms(vm["cp_ns"]))
            for vm in run("hosted")["vms"]
        ),
    )


@table("task-priority")
def task_priority():
    """What each way of treating masks costs."""
    what = {
        "levels": "simulated",
        "levels-out": "interpretive, masks intercepted",
        "levels-sie": "interpretive, only when it matters",
    }
    return rows(
        "machine | how | exits | guest | control program",
        (
            (f"`{vm['name']}`", what[vm["name"]], f"{vm['exits']:,}", ms(vm["guest_ns"]), ms(vm["cp_ns"]))
            for vm in run("task-priority")["vms"]
        ),
    )


@table("tlb-tags")
def tlb_tags():
    """What it costs that a TLB does not tell guests apart."""
    models = {"tagged": "s370-158-nested", "untagged": "s370-158-untagged"}
    lines = []
    for slice_ms in (50, 10, 2):
        for how, model in models.items():
            result = run("timesharing", "--model", model, "--slice-ms", str(slice_ms))
            misses = sum(vm["tlb_misses"] for vm in result["vms"])
            lines.append((f"{slice_ms} ms", how, f"{result['totals']['switches']:,}", f"{misses:,}", ms(sum(vm["guest_ns"] for vm in result["vms"]))))
    return rows("time slice | TLB | switches between machines | TLB misses | guests", lines)


@table("containers")
def containers():
    """Programs under one kernel, beside machines with a kernel each."""
    vms = {vm["name"]: vm for vm in run("containers")["vms"]}
    native = json.loads(ask("native", scenario("containers"), "--vm", "shared", "--no-host", "--json", "-"))

    def row(what, machines, lost):
        cp = sum(vm["cp_ns"] for vm in machines)
        begin_and_end = sum(vm["causes"][cause]["cp_ns"] for vm in machines for cause in ("page_fill", "ipl", "stop"))
        pages = sum(vm["pages"]["filled"] for vm in machines)
        return what, ms(sum(vm["guest_ns"] for vm in machines) + cp), ms(cp), ms(begin_and_end), pages, lost

    return rows(
        "eight programs | CPU time | control program | of it to begin and end | pages touched | lost by one that misbehaves",
        (
            ("tasks under one kernel, natively", ms(native["busy_ns"]), "-", "-", "-", "all"),
            row("tasks under one kernel, in one machine", [vms["shared"]], "all"),
            row("machines with one task each", [vms[f"own{i}"] for i in range(1, 9)], "one"),
        ),
    )


BACK_ENDS = {  # by table: heading, what each row is called
    "paravirtual": (
        "the kernel | exits | the kernel's time | control program | times the unmodified one natively",
        ("natively, unmodified", "natively, by the table", "natively, instructions put in place", "as a guest, unmodified", "as a guest, trapping", "as a guest, call table", "as a guest, hypercalls"),
    ),
    "rekishi-paravirtual": (
        "カーネル | 制御プログラムへの出口 | カーネルの時間 | 制御プログラム | 無修正・単独に対する倍率",
        ("単独、無修正", "単独、操作表による", "単独、命令を埋め込む", "ゲスト、無修正", "ゲスト、トラップ", "ゲスト、呼出し表", "ゲスト、ハイパーコール"),
    ),
}


def paravirtual(name):
    """One kernel natively, and as a guest with each back end."""
    heading, what = BACK_ENDS[name]
    guests = {guest["alone"]["vm"]["name"]: guest for guest in compare("paravirtual")["guests"]}
    plain = guests["unmodified"]["native"]["busy_ns"]

    def natively(what, name):
        busy = guests[name]["native"]["busy_ns"]
        return what, "-", f"{busy / 1e6:,.1f} ms", "-", f"{busy / plain:.3f}"

    def as_guest(what, name):
        alone = guests[name]["alone"]
        vm = alone["vm"]
        took = vm["guest_ns"] + vm["cp_ns"]
        return what, f"{alone['totals']['exits']:,}", f"{vm['guest_ns'] / 1e6:,.1f} ms", f"{vm['cp_ns'] / 1e6:,.1f} ms", f"{took / plain:.2f}"

    ways = [(natively, "unmodified"), (natively, "trapping"), (natively, "hypercall")]
    ways += [(as_guest, way) for way in ("unmodified", "trapping", "calltable", "hypercall")]
    return rows(heading, (row(said, way) for said, (row, way) in zip(what, ways)))


for back_ends in BACK_ENDS:
    table(back_ends)(functools.partial(paravirtual, back_ends))


@table("message-costs")
def message_costs():
    """What functions and interruptions of messages took the control program, for who asks and who is asked."""
    causes = ("DIAG", "iucv", "message")

    def each(vm, cause):
        entry = vm["causes"].get(cause, {"count": 0, "cp_ns": 0})
        return f"{entry['count']} of {entry['cp_ns'] / max(entry['count'], 1) / 1e3:,.0f} µs"

    return rows(
        "machine | DIAGNOSE (VMCF) | IUCV | interruptions | control program in all | exits",
        (
            (f"`{vm['name']}`", *(each(vm, cause) for cause in causes), ms(vm["cp_ns"]), vm["exits"])
            for vm in run("messages")["vms"]
            if vm["name"] in ("desk", "anna")
        ),
    )


@table("service-ways")
def service_ways():
    """A service machine that copies and one that maps: what each of 32 requests takes it and its client."""
    vms = {vm["name"]: vm for vm in run("service-ways")["vms"]}
    times = 32

    def us(ns):
        return f"{ns / times / 1e3:,.0f} us"

    def row(way, service, client):
        both = (vms[service], vms[client])
        return (
            way,
            f"{vms[service]['exits'] / times:.2f}",
            us(vms[service]["guest_ns"]),
            us(vms[service]["cp_ns"]),
            f"{vms[client]['exits'] / times:.2f}",
            us(vms[client]["cp_ns"]),
            us(sum(vm["cp_ns"] for vm in both)),
        )

    return rows(
        "way | service machine: exits | itself | control program for it | client: exits | control program for it | control program for both",
        (row("copied", "copier", "one"), row("mapped", "mapper", "two")),
    )


@table("disk-ways")
def disk_ways():
    """The same 64 requests of one disk, in several ways."""
    said = {"sio": "START I/O", "diagnose": "DIAGNOSE X'20'", "ring": "ring, one at a time", "four": "ring, four at a time"}
    times = 64

    def us(ns):
        return f"{ns / times / 1e3:,.0f} us"

    return rows(
        "way | exits | the guest | control program | took | external and I/O interruptions",
        (
            (
                said[vm["name"]],
                f"{vm['exits'] / times:.2f}",
                us(vm["guest_ns"]),
                us(vm["cp_ns"]),
                us(vm["elapsed_ns"]),
                f"{sum(vm['causes'].get(cause, {'count': 0})['count'] for cause in ('reflect_external', 'reflect_io')) / times:.2f}",
            )
            for vm in run("disk-ways")["vms"]
        ),
    )


@table("pass-through")
def pass_through():
    """The same reads of a disk, by ways of passing it through."""
    machines = [vm for vm in run("pass-through")["vms"] if vm["name"] != "strayer"]
    (direct,) = (vm["cp_ns"] for vm in machines if vm["name"] == "direct")

    def row(vm):
        device = vm["devices"][0]
        mapping = device.get("io_mapping", {})
        reads = device["starts"]
        name = f"`{mapping['strategy']}`" if mapping else f"`{device['io']}`"
        return (
            name,
            reads,
            device["control_ccws"] + device["data_ccws"],
            mapping.get("ccws_scanned", 0),
            mapping.get("pages_mapped", 0),
            mapping.get("pages_unmapped", 0),
            f"{vm['cp_ns'] / reads / 1e3:,.0f} us",
            f"{100 * (vm['cp_ns'] / direct - 1):+.1f} %",
        )

    return rows(
        "way, mapping | reads | CCWs copied | CCWs read | pages mapped | unmapped | control program a read | against `direct`",
        (row(vm) for vm in machines),
    )


@table("interpretive-io")
def interpretive_io():
    """What START I/O, interruptions and waits take that do not come out."""
    ways = {"started": "the control program starts it", "interpreted": "interpretive I/O", "waiting": "and waits within", "paged": "the same, V=V, by I/O tables"}
    vms = run("interpretive-io")["vms"]
    reads = vms[0]["devices"][0]["starts"]
    return rows(
        "machine | how | exits | starts by the machine | interruptions by it | control program a read | guest a read",
        (
            (
                f"`{vm['name']}`",
                ways[vm["name"]],
                f"{vm['exits']:,}",
                f"{vm['devices'][0].get('interpretive_io', {}).get('starts', 0):,}",
                f"{vm['assists']['io_interruptions']:,}",
                f"{vm['cp_ns'] / reads / 1e3:,.0f} us",
                f"{vm['guest_ns'] / reads / 1e3:,.0f} us",
            )
            for vm in vms
        ),
    )


@table("exits-together")
def exits_together():
    """What handling exits together spares."""
    return rows(
        "machine | exits | spared | control program",
        (
            (
                f"`{vm['name']}`",
                f"{vm['exits']:,}",
                f"{vm['assists']['exits_spared']:,}",
                ms(vm["cp_ns"]),
            )
            for vm in run("exits-together")["vms"]
        ),
    )


@table("exit-costs")
def exit_costs():
    """Overhead by the cost of going in and out."""
    return rows(
        "entry and exit, cycles | overhead of the control program",
        (
            (f"{float(point['exit-cycles']):,.0f}", f"{100 * (float(point['tv_ratio']) - 1):.0f} %")
            for point in sweep("exit-costs", "--over", "exit-cycles", "--values", "3963,1579,1266,1009,761")
        ),
    )


@table("path-lengths")
def path_lengths():
    model = tomllib.loads((ROOT / "examples/models/control-program/vm370.toml").read_text("utf-8"))["step"]
    trap, trap_io = "enter_from_trap fetch_and_decode", "enter_from_trap decode_io"
    start = "find_device queue_io start_device"
    sums = {
        "a guest's LPSW is simulated": f"{trap} fetch_operand simulate_lpsw dispatch",
        "an SSM that turns masks on": f"{trap} fetch_operand simulate_ssm find_pending dispatch",
        "a STOSM that turns masks on": f"{trap} fetch_operand simulate_mask_store find_pending dispatch",
        "a supervisor call is given to the guest": "reflect_svc dispatch",
        "a guest's SIO to its console is started": f"{trap_io} start_io dispatch",
        "a line of 60 characters on it": "console_line 60*console_character",
        "a guest's SIO to a spooled device moves a record": f"{trap_io} start_spool spool_record dispatch",
        "a guest's SIO with two NOPs is started on a real device": f"{trap_io} {start} 2*translate_control_ccw dispatch",
        "a guest's SIO with seek, search, TIC and read is started on a minidisk": f"{trap_io} {start} 3*translate_data_ccw translate_control_ccw relocate_ccw dispatch",
        "the I/O interruption of a real device is given to the guest": "take_io_interruption end_device untranslate_csw reflect_io dispatch",
        "a shadow entry is filled": "enter_from_trap walk_guest_tables shadow_fill dispatch",
        "a page is brought in": "enter_from_trap page_in dispatch",
        "the end of a slice, and another machine": "enter_from_trap timer_interruption slice_end switch_machine dispatch",
    }
    lines = []
    for what, steps in sums.items():
        parts, total = [], 0
        for step in steps.split():
            times, _, name = step.rpartition("*")
            price = model[name]["instructions"]
            parts.append(f"{times} x {name} {price}" if times else f"{name} {price}")
            total += int(times or 1) * price
        lines.append([what, ", ".join(parts), f"{total:,}"])
    return rows("what happens | steps | instructions", lines)


@table("audit")
def audit():
    """What is sensitive to what on the Model 158, and what the problem state may do all the same."""
    instructions = json.loads(ask("audit", "--json", "-"))["instructions"]
    meaning = {
        "control": "changes control state",
        "mode": "does something else in the problem state",
        "location": "depends on where the guest's storage lies",
        "machine": "depends on other state of the real machine",
        "time": "depends on when",
    }

    def names(choice):
        return " ".join(one["mnemonic"] for one in instructions if choice(one)) or "none"

    lines = []
    for kind, text in meaning.items():
        for privileged in (True, False):
            found = names(lambda one, kind=kind, privileged=privileged: kind in one["sensitive_to"] and one["privileged"] == privileged)
            lines.append([text, "refused" if privileged else "executed", found])
    without = names(lambda one: one["privileged"] and not one["sensitive"])
    lines.append(["none of these, as far as can be seen", "refused", without])
    others = sum(not one["privileged"] and not one["sensitive_to"] for one in instructions)
    lines.append(["none of these: innocuous", "executed", f"the other {others}"])
    return rows("what it does | in the problem state | instructions", lines)


@table("audit-holes")
def audit_holes():
    return excerpt(
        ("audit", "--machine", "s370-holes"),
        ["SPKA", "SSK", "SSM", "SIGP", "STIDP", "STPT", "STNSM", "STOSM", "NOT virtualizable"] + [""] * 5,
    )


@table("techniques-rate")
def techniques_rate():
    return excerpt(
        ("compare", scenario("privileged-rate"), "--vary", "technique=trap-and-emulate,interpretation"),
        ["Variant", "", "", "CPU time to native", "", ""],
    )


@table("holes-consoles")
def holes_consoles():
    yield "```text"
    for model in ("s370-158", "s370-holes"):
        yield f"vmcp run {scenario('holes')} --model {model}"
        for line in ask("run", scenario("holes"), "--model", model).splitlines():
            if line.startswith(("masker |", "rings  |")):
                yield f"  {line}"
    yield "```"


# The documents.


def renewed(document, text, used):
    """The text with its tables made anew; notes in `used` which there were."""
    result, lines = [], iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        result.append(line)
        begin = BEGIN.fullmatch(line.strip())
        if begin is None:
            if line.strip() == END:
                raise Mistake(f"{document}:{number}: expected a line <!-- table: NAME --> before this one")
            continue
        name = begin[1]
        if name not in TABLES:
            raise Mistake(f"{document}:{number}: unknown table {name}: expected one of {', '.join(TABLES)}")
        for _, line in lines:
            if line.strip() == END or BEGIN.fullmatch(line.strip()):
                break
        else:
            line = ""
        if line.strip() != END:
            raise Mistake(f"{document}:{number}: table {name} does not end: expected a line {END}")
        used.add(name)
        try:
            result += TABLES[name]()
        except (KeyError, ValueError) as error:
            raise Mistake(f"{document}:{number}: table {name} needs what vmcp does not tell: {error}") from None
        result.append(line)
    return "\n".join(result) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; show what is stale, exit with 1 if it is")
    parser.add_argument("--vmcp", metavar="FILE", help="the program to ask (build/release/vmcp)")
    arguments = parser.parse_args()
    if arguments.vmcp:
        Program.path = pathlib.Path(arguments.vmcp).resolve()
    stale, used = False, set()
    for path in sorted({path for pattern in DOCUMENTS for path in ROOT.glob(pattern)}):
        document = path.relative_to(ROOT)
        old = path.read_text("utf-8")
        new = renewed(document, old, used)
        if new == old:
            continue
        stale = True
        if arguments.check:
            differences = difflib.unified_diff(
                old.splitlines(), new.splitlines(), str(document), f"{document}, as it is now", lineterm=""
            )
            print(*differences, sep="\n")
        else:
            path.write_text(new, "utf-8")
            print(f"{document}: brought up to date")
    if missing := TABLES.keys() - used:
        raise Mistake(f"no document has the table {', '.join(sorted(missing))}: expected <!-- table: NAME -->")
    if arguments.check and stale:
        print("docs/tables.py brings these tables up to date", file=sys.stderr)
    return 1 if arguments.check and stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Mistake as mistake:
        print(f"docs/tables.py: {mistake}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"docs/tables.py: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)

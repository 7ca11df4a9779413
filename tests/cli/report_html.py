#!/usr/bin/env python3
"""vmcp report, run --html and run --moments: what is in the page and in the moments, and that a browser shows the page.

    tests/cli/report_html.py VMCP               the files themselves
    tests/cli/report_html.py VMCP --browser     in Chromium; ends with 77 where it is not installed
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import ladder_html
from ladder_html import MISTAKES, SOURCE, Browser, Page, check

EVIL_TITLE = '</script><b>"bold"</b><!-- & \\u003c \u2028 <script>'
SCENARIOS = ["timesharing", "real-disk", "hostile"]


class Vmcp:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        (self.folder / "good.asm").write_text(ladder_html.GOOD, encoding="ascii")
        (self.folder / "evil.toml").write_text(
            f'title = {json.dumps(EVIL_TITLE)}\n[[vm]]\nname = "a"\nstorage = "64K"\nguest = "good.asm"\n', encoding="utf-8")

    def __call__(self, *arguments, code=(0, 3)):
        done = subprocess.run([self.program, *map(str, arguments)], cwd=SOURCE, capture_output=True, text=True, check=False)
        check(done.returncode in code, "vmcp", *arguments, "ended with", done.returncode, done.stderr)
        return done

    def page(self, scenario):
        """A page by way of the result, and whether run --html gives the same one."""
        result, page, direct = (self.folder / (pathlib.Path(scenario).stem + end) for end in (".json", ".html", ".direct.html"))
        self("run", scenario, "--quiet", "--json", result, "--html", direct)
        self("report", result, "-o", page)
        check(page.read_bytes() == direct.read_bytes(), scenario, ": run --html gives another page than report")
        return result, page


def look_at_pages(vmcp):
    tags = None
    for name in SCENARIOS:
        result, page = vmcp.page(f"examples/scenarios/{name}.toml")
        text = page.read_text(encoding="utf-8")
        inside = json.loads(Page(text).data)
        expected = json.loads(result.read_text(encoding="utf-8"))
        del expected["host"]
        check(inside["result"] == expected, name, ": the page has another result")
        check(set(expected["totals"]["causes"]) <= set(inside["words"]["causes"]), name, ": a cause has no words")
        own = text.replace(Page(text).data, "")
        check(not re.search(r"fetch\(|XMLHttpRequest|import\s*\(|WebSocket|sendBeacon|@import|url\((?!#)", own), name, ": the page loads something")
        check(set(re.findall(r"https?://[^\"'\s)]*", own)) <= {"http://www.w3.org/2000/svg"}, name, ": the page names an address")
        tags = Page(text).tags
        look_at_timeline(name, expected)
    evil = Page(vmcp.page(vmcp.folder / "evil.toml")[1].read_text(encoding="utf-8"))
    check(evil.tags == tags, "the title of a scenario became elements:", evil.tags)
    check(json.loads(evil.data)["result"]["scenario"]["title"] == EVIL_TITLE, "the title is another one")


def look_at_timeline(name, result):
    """It begins with nothing, never goes back, and ends with what the result tells."""
    line = result["timeline"]
    check(line["at_ns"][0] == 0 and line["at_ns"][-1] == result["totals"]["simulated_ns"], name, ": the timeline is not the whole run")
    check(len(line["at_ns"]) <= 258, name, ": the timeline has", len(line["at_ns"]), "moments")
    grows = [line["at_ns"], line["idle_ns"], line["cp_own_ns"]]
    for vm, told in zip(result["vms"], line["vms"]):
        check(all(told[key][-1] == vm[key] for key in ("guest_ns", "cp_ns", "exits", "resident_pages")), name, vm["name"], ": ends otherwise")
        grows += [told["guest_ns"], told["cp_ns"], told["exits"]]
    check(all(a <= b for one in grows for a, b in zip(one, one[1:])), name, ": a figure of the timeline goes back")
    for i in range(len(line["at_ns"])):
        parts = line["idle_ns"][i] + line["cp_own_ns"][i] + sum(told["guest_ns"][i] + told["cp_ns"][i] for told in line["vms"])
        if not check(parts == line["at_ns"][i], name, ": at", line["at_ns"][i], "the parts add up to", parts):
            break


def look_at_refusals(vmcp):
    good = json.loads((vmcp.folder / "timesharing.json").read_text(encoding="utf-8"))
    del good["vms"][2]["exits"]
    other = json.loads((vmcp.folder / "timesharing.json").read_text(encoding="utf-8"))
    other["vmcp"]["command"] = "sweep"
    for text, what in [("", "no JSON"), ("hello", "no JSON"), ("[]", "it has no vmcp/version"), ('{"vmcp": {"version": 1}}', "it has no vmcp/version"),
                       ("[" * 100000, "nested too deeply"), (json.dumps(good), "it has no vms/2/exits"), (json.dumps(other), "this one is of vmcp sweep")]:
        file = vmcp.folder / "wrong.json"
        file.write_text(text, encoding="utf-8")
        done = vmcp("report", file, "-o", vmcp.folder / "wrong.html", code=(1,))
        check(what in done.stderr and done.stderr.count("\n") == 1 and str(file) in done.stderr, text[:40], ":", done.stderr)
        check(not (vmcp.folder / "wrong.html").exists(), text[:40], ": there is a page all the same")


def places_of(document):
    """Where a link into a document may lead, as GitHub names headings."""
    text = document.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", one.lower()).strip().replace(" ", "-") for one in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def look_at_moments(vmcp):
    file, again = vmcp.folder / "moments.json", vmcp.folder / "again.json"
    for name in ("timesharing", "real-disk", "hosted", "interpretation", "assists", "overcommit"):
        scenario = f"examples/scenarios/{name}.toml"
        vmcp("run", scenario, "--quiet", "--moments", file)
        told = json.loads(file.read_text(encoding="utf-8"))
        check(0 < len(told["moments"]) <= 20000, name, ": there are", len(told["moments"]), "moments")
        times = [moment["at_ns"] for moment in told["moments"]]
        check(times == sorted(times), name, ": the moments are not in the order of time")
        for place in {moment["document"] for moment in told["moments"]}:
            document, _, anchor = place.partition("#")
            there = SOURCE / "docs" / document
            check(there.exists() and (not anchor or anchor in places_of(there)), name, ": there is no", place)
        check(all(moment["text"].endswith(".") for moment in told["moments"]), name, ": a sentence has no end")
    vmcp("run", "examples/scenarios/timesharing.toml", "--quiet", "--moments", file)
    vmcp("run", "examples/scenarios/timesharing.toml", "--quiet", "--moments", again)
    check(file.read_bytes() == again.read_bytes(), "a second run has other moments")
    whole = json.loads(file.read_text(encoding="utf-8"))
    first = next(moment for moment in whole["moments"] if moment["kind"] == "trap")
    check(first["name"] == "SIO" and first["file"].endswith("hello.asm") and first["trap"] == 1, "the first trap is", first)
    vmcp("run", "examples/scenarios/real-disk.toml", "--quiet", "--moments", file)
    kinds = {moment["kind"] for moment in json.loads(file.read_text(encoding="utf-8"))["moments"]}
    check(kinds == {"trap", "step", "instruction", "resumption", "reflection", "idle", "channel-program", "stop"}, "the kinds are", kinds)
    vmcp("run", "examples/scenarios/timesharing.toml", "--quiet", "--moments", file, "--moments-from", "500")
    later = json.loads(file.read_text(encoding="utf-8"))["moments"]
    traps = [moment["trap"] for moment in later if moment["kind"] == "trap"]
    check(traps[0] == 500 and later[0]["kind"] in ("instruction", "trap"), "moments from trap 500 on begin with", later[0])
    quiet = vmcp("run", "examples/scenarios/timesharing.toml").stdout
    looked = vmcp("run", "examples/scenarios/timesharing.toml", "--moments", file, "--html", vmcp.folder / "looked.html").stdout
    without_host = lambda report: re.sub(r"^Host.*\n(?:  .*\n)*", "", report, flags=re.M)
    check(without_host(quiet) == without_host(looked), "looking on has changed the report")


def look_in_browser(vmcp):
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        print("skipped: chromium and chromedriver (Debian's chromium-driver) are not installed")
        return 77
    browser = Browser(driver, chromium, vmcp.folder)
    try:
        for scenario in ("examples/scenarios/timesharing.toml", "examples/scenarios/real-disk.toml", vmcp.folder / "evil.toml"):
            page = vmcp.page(scenario)[1]
            for width in (1400, 400):
                browser.window(width, 900)
                browser.open(page)
                seen = browser.run("return {sections: document.querySelectorAll('main > section').length, overflow: document.documentElement.scrollWidth - innerWidth,"
                                   " bars: document.querySelectorAll('.chart rect').length, causes: document.querySelectorAll('table.causes tbody tr').length,"
                                   " title: document.querySelector('h1').textContent};")
                expected = json.loads(Page(page.read_text(encoding="utf-8")).data)["result"]
                check(seen["sections"] == 6, scenario, "shows", seen["sections"], "sections")
                check(seen["overflow"] <= 0, scenario, "is wider than a window of", width, "by", seen["overflow"])
                check(seen["causes"] == len(expected["totals"]["causes"]), scenario, "shows", seen["causes"], "causes")
                check(seen["bars"] > 3 and seen["title"] == expected["scenario"]["title"], scenario, "shows", seen)
                told = browser.run("const chart = document.querySelector('.chart svg[tabindex]'); chart.focus();"
                                   "chart.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));"
                                   "return document.querySelector('.reading').textContent;")
                check("idle" in told, scenario, ": the timeline reads", told)
                browser.run("document.getElementById('language').click();")
                check(browser.run("return document.documentElement.lang + document.querySelector('h2').textContent;") == "ja実行全体", scenario, "is not in Japanese")
        complaints = browser.complaints()
        check(not complaints, "the browser complains:", complaints)
    finally:
        browser.close()
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vmcp")
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        vmcp = Vmcp(str(pathlib.Path(options.vmcp).resolve()), folder)
        if options.browser:
            code = look_in_browser(vmcp)
            if code:
                return code
        else:
            look_at_pages(vmcp)
            look_at_refusals(vmcp)
            look_at_moments(vmcp)
    return 1 if MISTAKES else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The page that vmcp ladder --html writes: what is in it, and that a browser shows it.

    tests/cli/ladder_html.py VMCP                               the file itself
    tests/cli/ladder_html.py VMCP --browser [--pictures DIR]    in Chromium; ends with 77 where it is not installed

--pictures also writes what was seen, for people to look at.
"""

import argparse
import base64
import contextlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
RUNGS = ["software", "vma", "ecps"]
EVIL_TITLE = '</script><b>"bold"</b><!-- & \\u003c \u2028 <script>'
GOOD = "GOOD START 0\n DC X'0002000000000000'\n END\n"
MISTAKES = []


def check(what, *context):
    if not what:
        MISTAKES.append(" ".join(str(c) for c in context))
        print(MISTAKES[-1])
    return what


class Page(html.parser.HTMLParser):
    """The elements of a page as a browser would find them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.data, self.styles = [], [], "", ""
        self.within = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.within = "data" if ("type", "application/json") in attrs else tag
        self.addresses += [value for name, value in attrs
                           if name in ("src", "srcset", "href", "xlink:href", "data", "action", "poster")]
        self.styles += "".join(value for name, value in attrs if name == "style")

    def handle_endtag(self, tag):
        self.within = ""

    def handle_data(self, data):
        if self.within == "data":
            self.data += data
        elif self.within == "style":
            self.styles += data


class Vmcp:
    """Ladders of the example scenario, and of one whose title means harm."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        (self.folder / "good.asm").write_text(GOOD, encoding="ascii")
        (self.folder / "evil.toml").write_text(
            f'title = {json.dumps(EVIL_TITLE)}\n[[vm]]\nname = "a"\nstorage = "64K"\nguest = "good.asm"\n', encoding="utf-8")

    def ladder(self, *arguments):
        done = subprocess.run([self.program, "ladder", *arguments], cwd=SOURCE, capture_output=True, text=True, check=False)
        check(done.returncode == 0, "vmcp ladder", *arguments, "ended with", done.returncode, done.stderr)
        return done.stdout

    def page(self, name, scenario, *arguments):
        file = self.folder / name
        self.ladder(str(scenario), *arguments, "--html", str(file))
        return file

    def example(self, name, *arguments):
        return self.page(name, "examples/scenarios/assists.toml", "--rungs", ",".join(RUNGS), *arguments)

    def evil(self, name="evil.html"):
        return self.page(name, self.folder / "evil.toml", "--rungs", "software")


def look_at_file(vmcp):
    once = vmcp.example("once.html", "--band").read_bytes()
    check(once == vmcp.example("again.html", "--band").read_bytes(), "a second run gives other bytes")
    options = ["examples/scenarios/assists.toml", "--rungs", ",".join(RUNGS), "--band"]
    check(vmcp.ladder(*options, "--html", "-").encode() == once, "standard output has another page than the file")
    page = Page(once.decode())
    inside = json.loads(page.data)
    check(inside == json.loads(vmcp.ladder(*options, "--no-host", "--json", "-")), "the page has another ladder than the JSON")
    check("host" not in inside, "the page has figures of the host")
    for rung in inside["rungs"]:
        times = [cause["cp_ns"] for cause in rung["causes"]]
        check(sum(times) == rung["cp_ns"], rung["name"], "has time without a cause")
        check(times == sorted(times, reverse=True), rung["name"], "has its causes in another order")

    for address in page.addresses:
        check(address.startswith(("#", "data:")), "the page leads to", address)
    own = once.decode().replace(page.data, "")
    check(set(re.findall(r"https?://[^\"'\s)]*", own)) <= {"http://www.w3.org/2000/svg"}, "the page names an address")
    check(not re.search(r"@import|url\((?!#)", page.styles), "the page's style loads something")
    check(not re.search(r"fetch\(|XMLHttpRequest|import\s*\(|WebSocket|sendBeacon", own), "the page's script loads something")

    evil = Page(vmcp.evil().read_text(encoding="utf-8"))
    check(evil.tags == page.tags, "the title of a scenario became elements:", evil.tags)
    check(json.loads(evil.data)["scenario"]["title"] == EVIL_TITLE, "the title is another one")


class Browser:
    """A Chromium, by the WebDriver protocol."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
    KEYS = {"Up": "\ue013", "Down": "\ue015", "Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}

    def __init__(self, driver, browser, folder):
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)})
        self.session = None
        said = ""
        for line in self.process.stdout:
            said += line
            started = re.search(r"successfully on port (\d+)", line)
            if started:
                self.address = f"http://127.0.0.1:{started[1]}"
                break
        else:
            raise RuntimeError("chromedriver does not start: " + said)
        options = {"binary": browser, "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]}
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = made["sessionId"]

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.address + path, method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            # No proxy stands between us and this machine.
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()[:600]}") from error

    def post(self, path, **body):
        return self.ask("POST", f"/session/{self.session}/{path}", body)

    def close(self):
        if self.session:
            with contextlib.suppress(RuntimeError, OSError):
                self.ask("DELETE", f"/session/{self.session}")
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def window(self, width, height, scheme="light"):
        self.post("goog/cdp/execute", cmd="Emulation.setDeviceMetricsOverride",
                  params={"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.post("goog/cdp/execute", cmd="Emulation.setEmulatedMedia",
                  params={"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, file, fragment=""):
        self.post("url", url="about:blank")
        self.post("url", url=file.as_uri() + fragment)

    def run(self, script):
        return self.post("execute/sync", script=script, args=[])

    def wait_for(self, script):
        """Until the script's value is true: the chart is drawn anew between two frames."""
        return self.post("execute/async", args=[script], script="""
            const [script, done] = arguments, test = new Function(script), until = Date.now() + 5000;
            (function look() {
              const value = test();
              if (value || Date.now() > until) done(value); else setTimeout(look, 20);
            })();""")

    def find(self, selector):
        return self.post("element", using="css selector", value=selector)[self.ELEMENT]

    def click(self, selector):
        self.post(f"element/{self.find(selector)}/click")

    def press(self, *keys):
        actions = [{"type": kind, "value": self.KEYS[key]} for key in keys for kind in ("keyDown", "keyUp")]
        self.post("actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def complaints(self):
        return [entry["message"] for entry in self.post("se/log", type="browser") if entry["level"] in ("WARNING", "SEVERE")]

    def picture(self, file):
        file.write_bytes(base64.b64decode(self.ask("GET", f"/session/{self.session}/screenshot")))

    def paper(self, file):
        file.write_bytes(base64.b64decode(self.post("print", page={"width": 21, "height": 29.7}, background=False)))


SHOWN = """return [...document.querySelectorAll(".rung")].filter((s) => s.getClientRects().length > 0).map((s) => s.id).join(" ");"""
FOCUSED = "return document.activeElement.id;"


def fits(browser, what):
    wide, inside = browser.run("return [document.documentElement.scrollWidth, innerWidth];")
    check(wide <= inside, what, "is", wide, "wide in a window of", inside)


def look_at_narrow_page(browser, page):
    browser.window(400, 900)
    browser.open(page)
    fits(browser, "the page")
    check(browser.run("return document.title;").startswith("The ladder: "), "the page's title is that of the template")
    check(browser.run(SHOWN) == "", "a rung is shown that nobody has chosen")
    check(browser.run("return document.querySelectorAll('#drawing [role=tab]').length;") == len(RUNGS), "the chart has other rungs")
    check(browser.run("return document.querySelectorAll('#table tbody tr').length;") == len(RUNGS), "the table has other rungs")

    browser.click("#bar-vma")
    check(browser.wait_for(SHOWN) == "rung-vma", "a click on a bar shows", browser.run(SHOWN))
    check(browser.run("return location.hash;") == "#vma", "the address does not name the rung")
    top = browser.run("return document.getElementById('rung-vma').getBoundingClientRect().top;")
    check(-1 <= top < 300, "the rung's page begins at", top)
    fits(browser, "a rung's page")
    text = browser.run("return document.getElementById('rung-vma').innerText;")
    for part in ("virtual-machine assist", "1974", "Published: 40\u00a0% to 65\u00a0%", "Source: ", "assists: none \u2192 vma",
                 "LPSW simulated", "assumed prices"):
        check(part in text, "the rung's page does not say:", part)


def look_at_keys(browser, page):
    browser.window(1200, 900)
    browser.open(page)
    fits(browser, "the wide page")
    browser.press("Tab")
    for _ in range(3):
        if browser.run(FOCUSED).startswith("bar-"):
            break
        browser.press("Tab")
    check(browser.run(FOCUSED) == "bar-software", "Tab does not lead to the ground but to", browser.run(FOCUSED))
    tip = browser.run("const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.innerText;")
    check("measured here, simulated" in tip and "exits" in tip, "a bar with the focus tells", tip)
    browser.press("Up")
    check(browser.run(FOCUSED) == "bar-vma" and browser.run(SHOWN) == "", "Up leads to", browser.run(FOCUSED))
    browser.press("Enter")
    check(browser.wait_for(SHOWN) == "rung-vma", "Enter shows", browser.run(SHOWN))
    fits(browser, "the wide page beside a rung's")
    browser.press("Up")
    check(browser.wait_for("return location.hash === '#ecps';"), "Up does not go on")
    check(browser.run(SHOWN) == "rung-ecps" and browser.run(FOCUSED) == "bar-ecps", "Up shows", browser.run(SHOWN))
    browser.press("Up")
    check(browser.run(SHOWN) == "rung-ecps", "there is something above the last rung:", browser.run(SHOWN))
    browser.press("Down", "Down")
    check(browser.wait_for("return location.hash === '#software';"), "Down does not go back")
    browser.press("Escape")
    check(browser.wait_for(SHOWN.replace('join(" ")', 'join(" ") === ""')), "Escape leaves", browser.run(SHOWN))
    check(browser.run(FOCUSED) == "bar-software", "Escape leaves the focus at", browser.run(FOCUSED))
    browser.click("#table tbody tr:nth-child(1) a")
    check(browser.wait_for(SHOWN) == "rung-ecps", "a row of the table shows", browser.run(SHOWN))
    browser.open(page, "#vma")
    check(browser.wait_for(SHOWN) == "rung-vma", "an address with a rung shows", browser.run(SHOWN))
    browser.open(page, "#%E0moon")
    check(browser.run(SHOWN) == "", "an address with no rung shows", browser.run(SHOWN))
    check(browser.run("return performance.getEntriesByType('resource').length;") == 0, "the page loads something")


def look_at_evil_page(browser, page, empty):
    browser.open(page)
    check(browser.run("return document.querySelectorAll('b').length;") == 0, "the title of a scenario became elements")
    check(EVIL_TITLE in browser.run("return document.querySelector('h1').textContent;"), "the title is another one")
    # A ladder that was interrupted before its first rung.
    text = page.read_text(encoding="utf-8")
    data = Page(text).data
    none = json.dumps({**json.loads(data), "rungs": [], "interrupted": True}).replace("<", "\\u003c")
    empty.write_text(text.replace(data, none), encoding="utf-8")
    browser.open(empty)
    check("Interrupted" in browser.run("return document.body.innerText;"), "an interrupted ladder does not say so")


def take_pictures(browser, page, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for width in (400, 1200):
        for scheme in ("light", "dark"):
            for name, fragment in (("", ""), ("-vma", "#vma")):
                browser.window(width, 3600 if width == 400 else 1600, scheme)
                browser.open(page, fragment)
                browser.run("scrollTo(0, 0);")
                browser.picture(folder / f"{width}-{scheme}{name}.png")
    browser.window(1200, 900)
    browser.open(page)
    browser.paper(folder / "paper.pdf")


def look_at_browser(vmcp, pictures):
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        print("skipped: chromium and chromedriver (Debian's chromium-driver) are not installed")
        sys.exit(77)
    page = vmcp.example("page.html", "--band")
    browser = Browser(driver, chromium, vmcp.folder)
    try:
        look_at_narrow_page(browser, page)
        look_at_keys(browser, page)
        look_at_evil_page(browser, vmcp.evil(), vmcp.folder / "empty.html")
        if pictures:
            take_pictures(browser, vmcp.page("all.html", "examples/scenarios/ladder.toml", "--band"), pictures)
        complaints = browser.complaints()
        check(not complaints, "the browser complains:", complaints)
    finally:
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vmcp")
    parser.add_argument("--browser", action="store_true", help="what a browser makes of it")
    parser.add_argument("--pictures", type=pathlib.Path, metavar="DIR", help="write pictures of the whole ladder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        vmcp = Vmcp(os.path.abspath(arguments.vmcp), folder)
        if arguments.browser:
            look_at_browser(vmcp, arguments.pictures)
        else:
            look_at_file(vmcp)
    return 1 if MISTAKES else 0


if __name__ == "__main__":
    sys.exit(main())

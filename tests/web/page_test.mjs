// The page in a real browser, from a file: a student's whole first lab, the stepper, errors in their places, sliders, both
// languages, narrow and wide, dark and light.
//
//   node page_test.mjs INDEX.html PICTURES      the pictures are for people to look at
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const home = mkdtempSync(join(tmpdir(), "vmcp-page-"));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"], env: { ...process.env, HOME: home } });
let mistakes = 0;
const check = (good, what) => {
  if (!good) ++mistakes, console.log(`WRONG: ${what}`);
};

async function open(options = {}, address = pathToFileURL(resolve(file)).href, first = null) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: "en-US", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  if (first) await page.addInitScript(first);
  page.on("pageerror", (error) => check(false, `the page throws ${error}`));
  page.on("console", (message) => check(message.type() !== "error", `the page complains: ${message.text()}`));
  page.on("request", (request) => check(/^(file|data|blob):/.test(request.url()) || request.url().startsWith("http://127.0.0.1"), `the page asks for ${request.url()}`));
  await page.goto(address);
  await page.waitForSelector("html[data-ready=yes]");
  await page.waitForSelector("#tv");
  return page;
}
const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
const noOverflow = async (page, where) => {
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(wide[0] <= wide[1], `${where}: the page is ${wide[0]} wide, the window ${wide[1]}`);
};
/// What a screen reader would have nothing to say of.
const named = async (page, where) => {
  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, select, input, textarea, [role=img], svg[tabindex]")].filter((one) => one.checkVisibility() &&
    !(one.textContent.trim() && one.tagName === "BUTTON") && !one.getAttribute("aria-label") && !(one.id && document.querySelector(`label[for="${one.id}"]`)) && !one.closest("label") && !one.closest("[aria-hidden=true]")).map((one) => one.outerHTML.slice(0, 120)));
  check(nameless.length === 0, `${where}: without a name: ${nameless.join(" ")}`);
};

let page;
async function look() {
  // From the file: edit, error in its place, run.
  page = await open();
  await named(page, "program");
  await noOverflow(page, "program");
  check((await page.textContent("#consoles")).includes("HELLO FROM A SYSTEM/370"), "the console of the first scenario is shown");
  await picture(page, "program-wide");
  const source = await page.inputValue("textarea.code");
  await page.fill("textarea.code", source.replace("BAL   R14,DOIO            one line", "BAL   R14,DOIX            one line"));
  await page.waitForSelector(".diagnostics .place");
  const line = source.split("\n").findIndex((one) => one.includes("one line")) + 1;
  check((await page.textContent(".diagnostics")).includes(`line ${line}`), `the error is told with its line: ${await page.textContent(".diagnostics")}`);
  check((await page.textContent(".numbers .error")) === String(line), "the number of the line is marked");
  check((await page.getAttribute("textarea.code", "aria-invalid")) === "true", "the editor is marked as wrong");
  await page.click(".diagnostics .place");
  check(await page.evaluate(() => document.activeElement.tagName === "TEXTAREA"), "the error leads to its place");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".outcome [role=alert]");
  await picture(page, "program-error");
  await page.fill("textarea.code", source.replace("HELLO FROM A SYSTEM/370", "HELLO FROM A BROWSER"));
  await page.click("#run");
  await page.waitForFunction(() => document.querySelector("#consoles")?.textContent.includes("HELLO FROM A BROWSER"));
  await page.reload();
  await page.waitForSelector("#tv");
  check((await page.inputValue("textarea.code")).includes("HELLO FROM A BROWSER"), "what was written is there after a reload");
  await page.click("#reset");
  check((await page.inputValue("textarea.code")) === source, "As it was");

  // Another scenario, and the sliders.
  await page.selectOption("#scenario", "examples/scenarios/timesharing.toml");
  await page.waitForFunction(() => document.querySelector("#consoles")?.textContent.includes("tasks"));
  const told = () => page.textContent("#tv");
  const slide = async (id, to) => {
    const was = await told();
    await page.$eval(`#${id}`, (element, value) => {
      element.value = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }, String(to));
    await page.waitForFunction((before) => document.querySelector("#tv")?.textContent !== before, was);
    return told();
  };
  const usual = await told();
  const half = await slide("price", 1);
  check(half !== usual && half.includes("before:"), `the price slider redraws the overhead: ${half}`);
  await slide("price", 3);
  await slide("assists", 3);
  await slide("slice", 1);
  await page.selectOption("#policy", "stride");
  await page.waitForFunction(() => document.querySelector("#status").textContent.includes("Done"));
  await picture(page, "sliders");
  await page.click("#reset-settings");
  await page.waitForFunction((usually) => document.querySelector("#tv")?.textContent.split(";")[0] === usually.split(";")[0], usual);

  // The report.
  await page.keyboard.press("Escape");
  await page.click("#tab-report");
  await page.waitForSelector("table.causes");
  await named(page, "report");
  await noOverflow(page, "report");
  await page.focus(".chart svg[tabindex]");
  await page.keyboard.press("ArrowRight");
  check((await page.textContent(".reading")).includes("idle"), `the timeline is read by keys: ${await page.textContent(".reading")}`);
  await picture(page, "report-wide");

  // The stepper: forward, back, by keys, and a link to the document.
  await page.click("#tab-stepper");
  await page.waitForSelector("#sentence");
  await named(page, "stepper");
  const sentence = () => page.textContent("#sentence");
  const moment = () => page.textContent("#told");
  check(/SIO/.test(await sentence()), `it begins in front of the first trap: ${await sentence()}`);
  const first = await moment();
  await page.click("#forward");
  const second = await moment();
  await page.click("#back");
  check((await moment()) === first && first !== second, "forward and back");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowDown");
  check(/control program runs/.test(await sentence()), `the next trap: ${await sentence()}`);
  const atTrap = await page.textContent(".sides");
  for (let i = 0; i < 30; ++i) await page.keyboard.press("ArrowRight");
  for (let i = 0; i < 30; ++i) await page.keyboard.press("ArrowLeft");
  check((await page.textContent(".sides")) === atTrap, "thirty moments forward and back is the same picture");
  for (let i = 0; i < 12; ++i) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await picture(page, "stepper-wide");
  await noOverflow(page, "stepper");
  await page.click("a.document");
  await page.waitForSelector("dialog[open] .pointed, dialog[open] h1");
  await picture(page, "stepper-document");
  await page.keyboard.press("Escape");
  await page.fill("#first-trap", "400");
  await page.click(".inline button");
  await page.waitForFunction(() => document.querySelector("#told")?.textContent.includes("trap 399"));
  await page.click("#trap-after");
  check((await moment()).includes("trap 400"), `from trap 400 on: ${await moment()}`);
  await page.keyboard.press("?");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  await page.waitForSelector("dialog#help[open]");
  await picture(page, "help");
  await page.keyboard.press("Escape");

  // A student's first lab, from start to verdict.
  const model = readFileSync(new URL("../../../examples/labs/teacher/01-first-guest/model/hello.asm", import.meta.url), "utf8");
  await page.click("#tab-labs");
  await picture(page, "labs");
  await page.click('button[data-lab="1"]');
  await page.waitForSelector(".handout");
  await named(page, "labs");
  await picture(page, "lab-handout");
  await page.click("#check");
  await page.waitForSelector("#outcome");
  check((await page.getAttribute("#outcome", "data-outcome")) === "not-yet", "the starter does not pass");
  check((await page.textContent(".checks")).length > 40, "and it is said why");
  await page.click("#hint");
  check((await page.$$(".hints li")).length === 1, "a hint is given");
  await page.click('[id="edit-hello.asm"]');
  await page.waitForSelector("textarea.code");
  check((await page.inputValue("textarea.code")).includes("TODO"), "the starter is in the editor");
  await page.fill("textarea.code", model);
  await page.click("#run");
  await page.waitForFunction(() => document.querySelector("#consoles")?.textContent.includes("GOOD BYE"));
  await picture(page, "lab-program");
  await page.click("#back-to-lab");
  await page.click("#check");
  await page.waitForSelector('#outcome[data-outcome="passed"]');
  await picture(page, "lab-passed");
  await page.click("#tab-stepper");
  await page.waitForSelector("#sentence");
  await page.context().close();

  // Japanese, dark, narrow.
  page = await open({ locale: "ja-JP", colorScheme: "dark", viewport: { width: 400, height: 800 } });
  check((await page.getAttribute("html", "lang")) === "ja", "a Japanese browser gets Japanese");
  await noOverflow(page, "narrow program");
  await picture(page, "program-narrow-dark-ja");
  await page.click("#tab-stepper");
  await page.waitForSelector("#sentence");
  for (let i = 0; i < 9; ++i) await page.click("#forward");
  check(/。/.test(await sentence()), `the sentence is Japanese: ${await sentence()}`);
  await noOverflow(page, "narrow stepper");
  await picture(page, "stepper-narrow-dark-ja");
  await page.click("#tab-report");
  await noOverflow(page, "narrow report");
  await picture(page, "report-narrow-dark-ja");
  await page.click("#tab-labs");
  await page.click('button[data-lab="1"]');
  await noOverflow(page, "narrow lab");
  await picture(page, "lab-narrow-dark-ja");
  await page.click("#language");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  await page.click("#look");
  check(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === "rgb(255, 255, 255)", "light where dark was");
  await page.context().close();

  // A guest that loops for ever can be stopped, and all goes on.
  page = await open();
  const before = await page.inputValue("textarea.code");
  await page.fill("textarea.code", "LOOP     START 0\n         USING LOOP,0\n         ORG   LOOP+X'400'\nBEGIN    B     BEGIN\n         END   BEGIN\n");
  await page.click("#run");
  await page.waitForSelector("#stop:not([hidden])");
  await page.click("#stop");
  await page.waitForFunction(() => document.querySelector("#status").textContent.includes("Stopped"));
  await page.fill("textarea.code", before);
  await page.click("#run");
  await page.waitForFunction(() => document.querySelector("#consoles")?.textContent.includes("GOOD BYE"));
  await page.context().close();

  // Where a browser lets no worker be made from a file, the engine runs on the page.
  page = await open({}, undefined, () => {
    window.Worker = class {
      constructor() {
        throw new Error("none");
      }
    };
  });
  check((await page.textContent("#consoles")).includes("GOOD BYE"), "without a worker");
  await page.context().close();

  // From a web server as well.
  const server = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(readFileSync(file))).listen(0, "127.0.0.1");
  await new Promise((done) => server.on("listening", done));
  page = await open({}, `http://127.0.0.1:${server.address().port}/`);
  await page.context().close();
  server.close();
}

try {
  await look();
} catch (error) {
  check(false, error);
  await picture(page, "failed");
}
await browser.close();
rmSync(home, { recursive: true, force: true });
console.log(mistakes === 0 ? "page: all well" : `page: ${mistakes} mistakes`);
process.exitCode = mistakes === 0 ? 0 : 1;

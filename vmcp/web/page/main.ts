// The page of the engine: write and run, the report, the trap stepper, labs.

import { Documents } from "./documents";
import { Editor } from "./editor";
import { Engine } from "./engine";
import { choose, current, L, type Language } from "./language";
import { folderOf, Labs } from "./labs";
import { Stepper } from "./stepper";
import type { Assembly, Diagnostic, Lab, Moments, Overrides, Parts, Run } from "./types";

declare const vmcp_parts: Parts;
const { make, duration, ratio, share } = vmcp_parts;

const read = (id: string): string => document.getElementById(id)!.textContent!;
const decoded = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

type Content = string | Uint8Array;
const original = new Map<string, Content>(
  Object.entries(JSON.parse(read("examples")) as Record<string, string | { base64: string }>).map(([path, one]) => [path, typeof one === "string" ? one : decoded(one.base64)]));
const files = new Map(original);
const documents: Record<string, string> = JSON.parse(read("documents"));
const app = document.getElementById("app")!;
const engine = new Engine(read("engine"));

// What a student has written outlives a reload, where the browser keeps something for files.
const kKept = "vmcp: ";
const keep = (path: string, text: string | null): void => {
  try {
    if (text === null) localStorage.removeItem(kKept + path);
    else localStorage.setItem(kKept + path, text);
  } catch {
    // Then it does not.
  }
};
const keptTexts = (): Map<string, string> => {
  const texts = new Map<string, string>();
  try {
    for (let i = 0; i < localStorage.length; ++i) {
      const key = localStorage.key(i)!;
      if (key.startsWith(kKept)) texts.set(key.slice(kKept.length), localStorage.getItem(key)!);
    }
  } catch {
    // None.
  }
  return texts;
};

// What is shown.

interface About {
  version: string;
  policies: string[];
  words: unknown;
}
let about: About = { version: "", policies: [], words: {} };
let labs: Lab[] = [];
let scenario = "examples/scenarios/exercise.toml";
let open = "examples/guests/hello.asm";
let view: "program" | "report" | "stepper" | "labs" = "program";
let run: Run | null = null;
let before: { totals: any; what: string } | null = null;
let failure = "";
let stale = true;  // the moments are of an earlier run

// The sliders: a slice from 1 ms to 1 s, prices from a quarter to four times; null is what the scenario says.
const kSlices = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const kPrices = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];
const kAssists: [string, string[]][] = [["none", []], ["vma", ["vma"]], ["evma", ["vma", "evma", "vtimer"]], ["ecps", ["vma", "evma", "vtimer", "ecps"]]];
const settings = { slice: null as number | null, policy: null as string | null, assists: null as number | null, price: 1 };

function overrides(): Overrides {
  const given: Overrides = {};
  if (settings.policy !== null) given.policy = settings.policy;
  if (settings.slice !== null) given.slice_ms = settings.slice;
  if (settings.price !== 1) given.cp_scale = settings.price;
  if (settings.assists !== null) {
    given.assists = kAssists[settings.assists]![1];
    given.model = "s370-158-assists";
  }
  return given;
}

// Scenarios, and what each is made of.

const scenarios = (): string[] => [...files.keys()].filter((path) => path.endsWith(".toml") && (path.startsWith("examples/scenarios/") || path.startsWith("lab-") && path.includes("/checks/"))).sort();
const text = (path: string): string => {
  const content = files.get(path);
  return typeof content === "string" ? content : "";
};
const beside = (path: string, name: string): string => {
  const parts = path.split("/").slice(0, -1);
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
};
/// The scenario, and the sources that it names.
function filesOf(path: string): string[] {
  const named = [...text(path).matchAll(/"([^"\n]+\.(?:asm|copy|txt|toml))"/g)].map((match) => beside(path, match[1]!)).filter((one) => typeof files.get(one) === "string");
  return [...new Set([...named, path])];
}
const titleOf = (path: string): string => /^title\s*=\s*"([^"]*)"/m.exec(text(path))?.[1] ?? path;

// Running.

let wanted = false, running = false;

async function runNow(): Promise<void> {
  wanted = true;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = false;
    status(L("Running ...", "実行中 ..."), true);
    const began = performance.now();
    const asked = { file: scenario, overrides: overrides() };
    const answer = await engine.ask<Run>(files, { do: "run", ...asked });
    if (answer.stopped) {
      status(L("Stopped.", "停止しました。"), false);
      continue;
    }
    failure = answer.error ?? "";
    if (answer.error === undefined) {
      before = run && run.result.scenario.file === answer.result.scenario.file ? { totals: run.result.totals, what: "" } : null;
      run = answer;
    }
    stale = true;
    stepper.forget();
    status(failure ? L("It could not be run.", "実行できませんでした。") :
      L(`Done in ${Math.round(performance.now() - began)} ms of host time.`, `ホスト時間 ${Math.round(performance.now() - began)} ms で終わりました。`), false);
    showRun();
  }
  running = false;
}

async function loadMoments(firstTrap: number): Promise<void> {
  status(L("Recording moments ...", "時点を記録中 ..."), true);
  const answer = await engine.ask<Moments>(files, { do: "moments", file: scenario, overrides: overrides(), first_trap: firstTrap, most: 6000 });
  if (answer.error !== undefined) {
    failure = answer.error;
    status(L("It could not be run.", "実行できませんでした。"), false);
    showRun();
    return;
  }
  stale = false;
  stepper.give(answer);
  status(L(`${answer.moments.length} moments.`, `${answer.moments.length} 時点。`), false);
}

/// "FILE:LINE:COLUMN: error: MESSAGE", as errors of a source come from a run.
function diagnosticsOf(message: string): Diagnostic[] {
  return message.split("\n").flatMap((line) => {
    const found = /^(.+?):(\d+)(?::(\d+))?: (?:error: )?(.*)$/.exec(line);
    return found ? [{ file: found[1]!, line: Number(found[2]), column: Number(found[3] ?? 1), severity: "error" as const, message: found[4]! }] : [];
  });
}

let assembling: ReturnType<typeof setTimeout> | undefined;
function assembleSoon(path: string): void {
  clearTimeout(assembling);
  if (!path.endsWith(".asm")) return;
  assembling = setTimeout(async () => {
    const answer = await engine.ask<Assembly>(files, { do: "assemble", file: path });
    if (open === path && answer.diagnostics) editor.tell(answer.diagnostics, "");
  }, 250);
}

// The parts of the page.

const editor = new Editor((now) => {
  files.set(open, now);
  keep(open, now === original.get(open) ? null : now);
  assembleSoon(open);
}, () => void runNow());
const reader = new Documents(documents, document.body);
const stepper = new Stepper((file, line) => (text(file).split("\n")[line - 1] ?? "").slice(0, 71).trimEnd(), (place) => reader.open(place), (first) => void loadMoments(first));
const labView = new Labs({
  check: (lab) => engine.ask(files, { do: "lab", number: lab.number, language: current(), files: Object.fromEntries(lab.hand_in.map((name) => [name, text(`${folderOf(lab)}/${name}`)])) }),
  edit: (path) => {
    const lab = labs.find((one) => path.startsWith(`${folderOf(one)}/`))!;
    const first = scenarios().find((one) => one.startsWith(`${folderOf(lab)}/`));
    if (first) scenario = first;
    run = null;
    failure = "";
    openFile(path);
    show("program");
  },
  openDocument: (place) => reader.open(place),
  choose: (lab) => place(lab),
});

/// The files of a lab where its scenarios look for them; what the student has written stays.
function place(lab: Lab): void {
  for (const [name, content] of Object.entries(lab.files)) {
    const path = name.startsWith("starter/") ? `${folderOf(lab)}/${name.slice(8)}` : name.startsWith("checks/") ? `${folderOf(lab)}/${name}` : null;
    if (path === null || files.has(path)) continue;
    original.set(path, content);
    files.set(path, keptTexts().get(path) ?? content);
  }
}

let statusLine: HTMLElement | null = null, stopButton: HTMLButtonElement | null = null;
function status(said: string, busy: boolean): void {
  if (statusLine) statusLine.textContent = said;
  if (stopButton) stopButton.hidden = !busy || !engine.inWorker;
}

function openFile(path: string): void {
  open = path;
  editor.show(path, text(path));
  assembleSoon(path);
}

const option = (value: string, said: string, chosen: boolean): HTMLElement => make("option", { value, selected: chosen ? "" : null }, said);

function control(label: string, id: string, shown: string, element: HTMLElement): HTMLElement {
  element.id = id;
  return make("div", { class: "control" }, make("label", { for: id }, label), element, make("output", { for: id, id: `${id}-value` }, shown));
}

/// A slider over a list of values, of which the first place is the scenario's own.
function slider(id: string, label: string, values: (number | null)[], now: number | null, say: (value: number | null) => string, take: (value: number | null) => void): HTMLElement {
  const element = make("input", { type: "range", min: "0", max: String(values.length - 1), step: "1", value: String(values.indexOf(now)) }) as HTMLInputElement;
  element.setAttribute("aria-valuetext", say(now));
  element.addEventListener("input", () => {
    const value = values[Number(element.value)] ?? null;
    take(value);
    element.setAttribute("aria-valuetext", say(value));
    document.getElementById(`${id}-value`)!.textContent = say(value);
    void runNow();
  });
  return control(label, id, say(now), element);
}

function settingsPanel(): HTMLElement {
  const own = L("as the scenario says", "シナリオのとおり");
  const policy = make("select", {}, option("", own, settings.policy === null), about.policies.map((name) => option(name, name, settings.policy === name))) as HTMLSelectElement;
  policy.addEventListener("change", () => {
    settings.policy = policy.value || null;
    void runNow();
  });
  const reset = make("button", { type: "button", id: "reset-settings" }, L("As the scenario says", "シナリオのとおりに戻す"));
  reset.addEventListener("click", () => {
    Object.assign(settings, { slice: null, policy: null, assists: null, price: 1 });
    draw();
    void runNow();
  });
  return make("section", { class: "settings", "aria-label": L("What if", "もしも") }, make("h3", {}, L("What if", "もしも")),
    slider("slice", L("Time slice", "タイムスライス"), [null, ...kSlices], settings.slice, (v) => (v === null ? own : `${v} ms`), (v) => (settings.slice = v)),
    control(L("Policy", "方策"), "policy", "", policy),
    slider("assists", L("Assists of the machine", "マシンの支援機構"), [null, 0, 1, 2, 3], settings.assists, (v) => (v === null ? own : kAssists[v]![0]), (v) => (settings.assists = v)),
    slider("price", L("Prices of the control program", "制御プログラムの価格"), kPrices, settings.price, (v) => `×${v}`, (v) => (settings.price = v ?? 1)),
    make("p", { class: "soft" }, L("Assists: on a model 158 that has them. Each change runs the scenario again.", "支援機構は、それを持つモデル 158 で動かします。変えるたびにシナリオを実行し直します。")), reset);
}

let outcome: HTMLElement | null = null;

/// What came of the run, beside the editor; and in the other views.
function showRun(): void {
  if (failure) {
    const diagnostics = diagnosticsOf(failure);
    editor.tell(diagnostics, diagnostics.length > 0 ? "" : failure);
  }
  if (outcome) {
    outcome.replaceChildren();
    if (failure) outcome.append(make("pre", { class: "console bad", role: "alert" }, failure));
    else if (run) {
      const totals = run.result.totals;
      const was = before && before.totals.cp_ns !== totals.cp_ns ? L(`; before: ${duration(before.totals.cp_ns)}, T/V ${ratio(before.totals.tv_ratio)}`, `。前回: ${duration(before.totals.cp_ns)}、T/V ${ratio(before.totals.tv_ratio)}`) : "";
      outcome.append(make("h3", {}, L("Overhead", "オーバーヘッド")), ...vmcp_parts.overhead(run.result, current()).filter((one): one is HTMLElement => one !== null),
        make("p", { id: "tv" }, L(`Control program ${duration(totals.cp_ns)} (simulated), ${share(totals.cp_ns, totals.guest_ns)} of guest time; T/V ratio ${ratio(totals.tv_ratio)}; ${totals.exits} exits (count)`,
          `制御プログラム ${duration(totals.cp_ns)} (シミュレーション)、ゲスト時間の ${share(totals.cp_ns, totals.guest_ns)}。T/V 比 ${ratio(totals.tv_ratio)}。脱出 ${totals.exits} 回`) + was),
        ...run.result.vms.filter((vm: any) => !vm.ending.well).slice(0, 5).map((vm: any) => make("div", { class: "warning" }, make("strong", {}, vm.name), `: ${vm.ending.text}`, (vm.ending.hints ?? []).map((hint: string) => make("p", {}, hint)))),
        make("h3", {}, L("Consoles", "コンソール")), make("pre", { class: "console", tabindex: "0", id: "consoles" }, consoles()));
    }
  }
  if (view === "report") drawReport();
  if (view === "stepper" && stale && !failure) void loadMoments(1);
}

function consoles(): string {
  const lines = run!.result.vms.flatMap((vm: any) => vm.output.console.map((line: any) => ({ at: line.at_ns, said: `${vm.name} | ${line.text}` })));
  lines.sort((a: any, b: any) => a.at - b.at);
  const kMost = 400;
  return lines.slice(0, kMost).map((line: any) => line.said).join("\n") + (lines.length > kMost ? `\n... ${lines.length - kMost}` : "") || L("(nothing was typed)", "(何も印字されませんでした)");
}

const tabs = (): [typeof view, string][] => [["program", L("Program", "プログラム")], ["report", L("Report", "報告")], ["stepper", L("Trap stepper", "トラップステッパ")], ["labs", L("Labs", "課題")]];
let panel: HTMLElement | null = null;

function drawReport(): void {
  panel!.replaceChildren();
  if (run) vmcp_parts.report(panel!, run.result, about.words, current());
  else panel!.append(make("p", {}, failure || L("Nothing has been run yet.", "まだ何も実行していません。")));
}

function drawProgram(): void {
  const choice = make("select", { id: "scenario", "aria-label": L("Scenario", "シナリオ") }, scenarios().map((path) => option(path, `${path.replace("examples/scenarios/", "")}: ${titleOf(path)}`, path === scenario))) as HTMLSelectElement;
  choice.addEventListener("change", () => {
    scenario = choice.value;
    run = before = null;
    openFile(filesOf(scenario)[0]!);
    drawProgram();
    void runNow();
  });
  const fileButtons = filesOf(scenario).concat(filesOf(scenario).includes(open) ? [] : [open]).map((path) => {
    const made = make("button", { type: "button", class: "file", "aria-pressed": String(path === open) }, path.split("/").pop()!);
    made.title = path;
    made.addEventListener("click", () => {
      openFile(path);
      drawProgram();
    });
    return made;
  });
  const others = make("select", { id: "example", "aria-label": L("Another file", "ほかのファイル") }, option("", L("open another file ...", "ほかのファイルを開く ..."), true),
    [...files.keys()].filter((path) => typeof files.get(path) === "string" && !filesOf(scenario).includes(path)).sort().map((path) => option(path, path, false))) as HTMLSelectElement;
  others.addEventListener("change", () => {
    if (!others.value) return;
    openFile(others.value);
    drawProgram();
  });
  const go = make("button", { type: "button", id: "run", class: "primary" }, L("Run (Ctrl+Enter)", "実行 (Ctrl+Enter)"));
  go.addEventListener("click", () => void runNow());
  const asItWas = make("button", { type: "button", id: "reset" }, L("As it was", "元に戻す"));
  asItWas.addEventListener("click", () => {
    files.set(open, original.get(open)!);
    keep(open, null);
    openFile(open);
  });
  const inLab = labs.find((lab) => scenario.startsWith(`${folderOf(lab)}/`));
  const back = make("button", { type: "button", id: "back-to-lab" }, inLab ? L(`Back to lab ${inLab.number}`, `課題 ${inLab.number} に戻る`) : "");
  back.addEventListener("click", () => show("labs"));
  outcome = make("div", { class: "outcome", "aria-live": "polite" });
  panel!.replaceChildren(
    make("div", { class: "bar-of" }, make("label", { for: "scenario" }, L("Scenario", "シナリオ")), choice, go, inLab ? back : ""),
    make("div", { class: "work" },
      make("section", { "aria-label": L("Editor", "エディタ") }, make("div", { class: "files", role: "group", "aria-label": L("Files", "ファイル") }, fileButtons, others, asItWas), editor.element),
      make("div", { class: "results" }, settingsPanel(), outcome)));
  showRun();
}

function drawView(): void {
  outcome = null;
  // A view draws itself when something comes, too: into its own place, whichever is shown.
  const own = make("div");
  panel!.replaceChildren(own);
  if (view === "program") drawProgram();
  if (view === "report") drawReport();
  if (view === "stepper") {
    stepper.mount(own);
    if (stale && !failure) void loadMoments(1);
  }
  if (view === "labs") labView.mount(own);
}

function show(to: typeof view): void {
  view = to;
  for (const [name] of tabs()) {
    const tab = document.getElementById(`tab-${name}`)!;
    tab.setAttribute("aria-selected", String(name === view));
    tab.tabIndex = name === view ? 0 : -1;
  }
  panel!.setAttribute("aria-labelledby", `tab-${view}`);
  panel!.className = `panel ${view}`;
  drawView();
}

const help = (): HTMLElement => make("div", {}, make("h2", {}, L("Keys", "キー操作")), make("dl", { class: "keys" }, ([
  ["?", L("this list", "この一覧")], ["1 2 3 4", L("program, report, trap stepper, labs", "プログラム、報告、トラップステッパ、課題")], ["Ctrl+Enter", L("in the editor: run", "エディタで: 実行")],
  ["← →", L("in the stepper: back, forward", "ステッパで: 戻る、進む")], ["↑ ↓", L("in the stepper: trap before, next trap", "ステッパで: 前のトラップ、次のトラップ")], ["Home End", L("in the stepper: first and last moment", "ステッパで: 最初と最後")],
  ["Escape", L("closes what lies above the page", "重なったものを閉じる")]] as [string, string][]).map(([key, said]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, said)))),
  make("p", {}, L(`VMCP ${about.version}. The engine runs in this page: nothing is sent anywhere. All times but those called host time are simulated.`, `VMCP ${about.version}。エンジンはこのページの中で動き、どこにも送信しません。ホスト時間と断らない時間はすべてシミュレーション時間です。`)));

const helpDialog = make("dialog", { class: "reader", id: "help" }) as HTMLDialogElement;
document.body.append(helpDialog);
function openHelp(): void {
  const close = make("button", { type: "button", autofocus: "" }, L("Close (Escape)", "閉じる (Escape)"));
  close.addEventListener("click", () => helpDialog.close());
  helpDialog.setAttribute("aria-label", L("Help", "ヘルプ"));
  helpDialog.replaceChildren(make("div", { class: "reader-head" }, close), help());
  helpDialog.showModal();
}

function draw(): void {
  document.documentElement.lang = current();
  document.title = L("VMCP: a control program and its guests, in a browser", "VMCP: ブラウザで動く制御プログラムとゲスト");
  const button = (id: string, said: string, act: () => void, more: Record<string, string> = {}): HTMLElement => {
    const made = make("button", { type: "button", id, ...more }, said);
    made.addEventListener("click", act);
    return made;
  };
  const other: Language = current() === "ja" ? "en" : "ja";
  const switches = make("div", { class: "switches" },
    button("language", other === "ja" ? "日本語" : "English", () => {
      choose(other);
      void loadLabs().then(() => {
        draw();
        document.getElementById("language")!.focus();
      });
    }, { lang: other }),
    button("look", L("Dark or light", "明暗を切替え"), () => {
      const now = document.documentElement.dataset.look ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      document.documentElement.dataset.look = now === "dark" ? "light" : "dark";
    }),
    button("help-button", L("Help (?)", "ヘルプ (?)"), openHelp));
  const list = make("div", { class: "tabs", role: "tablist", "aria-label": L("Views", "表示") }, tabs().map(([name, said]) =>
    button(`tab-${name}`, said, () => show(name), { role: "tab", "aria-controls": "panel", "aria-selected": String(name === view) })));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const names = tabs().map(([name]) => name);
    show(names[(names.indexOf(view) + step + names.length) % names.length]!);
    document.getElementById(`tab-${view}`)!.focus();
    event.preventDefault();
    event.stopPropagation();
  });
  panel = make("div", { id: "panel", role: "tabpanel" });
  statusLine = make("span", { role: "status", id: "status" });
  stopButton = button("stop", L("Stop", "停止"), () => engine.stop()) as HTMLButtonElement;
  stopButton.hidden = true;
  app.replaceChildren(make("header", {}, make("div", { class: "head" }, make("h1", {}, "VMCP"), make("span", { class: "soft motto" }, L("a control program and its guests on a System/370", "System/370 上の制御プログラムとゲスト")), switches), make("div", { class: "second" }, list, make("span", { class: "state" }, statusLine, stopButton))),
    make("main", {}, panel));
  show(view);
}

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && (target as HTMLInputElement).type !== "range")) return;
  if (event.key === "?") {
    event.preventDefault();
    return openHelp();
  }
  const to = tabs()[Number(event.key) - 1];
  if (to) return show(to[0]);
  if (target.getAttribute("role") === "tab" && /^Arrow(Left|Right)$/.test(event.key)) return;
  if (view === "stepper") stepper.key(event);
});

async function loadLabs(): Promise<void> {
  const answer = await engine.ask<{ labs: Lab[] }>(files, { do: "labs", language: current() });
  labs = answer.labs ?? [];
  for (const [path] of keptTexts()) for (const lab of labs) if (path.startsWith(`${folderOf(lab)}/`)) place(lab);
  labView.give(labs);
}

async function begin(): Promise<void> {
  choose((navigator.language || "en").startsWith("ja") ? "ja" : "en");
  for (const [path, kept] of keptTexts()) if (original.has(path)) files.set(path, kept);
  draw();
  status(L("Loading the engine ...", "エンジンを読込み中 ..."), false);
  about = await engine.ask<About>(files, { do: "about" });
  await loadLabs();
  draw();
  openFile(open);
  document.documentElement.dataset.ready = "yes";
  await runNow();
}

void begin();

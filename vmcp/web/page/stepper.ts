// The trap stepper: the real machine on the left, the virtual machine on the right, moment by moment.

import { L } from "./language";
import { decode, meaning } from "./psw";
import type { Moment, Moments, Parts, Picture } from "./types";
import { kindName, sentence } from "./words";

declare const vmcp_parts: Parts;
const { make, duration, count } = vmcp_parts;

/// The picture at every so many moments is kept, so that going back need not begin at the beginning.
const kKept = 64;

export class Stepper {
  private moments: Moments | null = null;
  private kept: Picture[] = [];
  private at = 0;
  private root: HTMLElement | null = null;

  constructor(
    private readonly source: (file: string, line: number) => string,
    private readonly openDocument: (place: string) => void,
    private readonly load: (firstTrap: number) => void,
  ) {}

  get loaded(): boolean {
    return this.moments !== null;
  }

  give(moments: Moments): void {
    this.moments = moments;
    this.kept = [];
    let picture = this.empty();
    moments.moments.forEach((moment, i) => {
      if (i % kKept === 0) this.kept.push(structuredClone(picture));
      this.apply(picture, moment);
    });
    // Where it becomes interesting: at the instruction that traps first.
    this.at = Math.max(0, moments.moments.findIndex((one) => one.kind === "trap") - 1);
    this.draw();
  }

  forget(): void {
    this.moments = null;
    this.draw();
  }

  private empty(): Picture {
    const none = (): string[] => Array<string>(16).fill("00000000");
    return { realPsw: null, realGpr: none(), machines: this.moments!.machines.map(() => ({ psw: null, gpr: none(), cr: none() })), lines: 0 };
  }

  private lastReal: string[] = Array<string>(16).fill("00000000");

  private apply(picture: Picture, moment: Moment): void {
    if (moment.real_psw) picture.realPsw = moment.real_psw;
    if (moment.real_gpr === null) {
      picture.realGpr = null;
    } else if (moment.real_gpr) {
      for (const [i, value] of Object.entries(moment.real_gpr)) this.lastReal[Number(i)] = value;
      picture.realGpr = [...this.lastReal];
    }
    if (moment.lines !== undefined) picture.lines = moment.lines;
    const machine = moment.vm !== undefined ? picture.machines[moment.vm] : undefined;
    if (!machine) return;
    if (moment.psw) machine.psw = moment.psw;
    for (const [i, value] of Object.entries(moment.gpr ?? {})) machine.gpr[Number(i)] = value;
    for (const [i, value] of Object.entries(moment.cr ?? {})) machine.cr[Number(i)] = value;
  }

  private picture(at: number): Picture {
    const from = Math.floor(at / kKept);
    const picture = structuredClone(this.kept[from]!);
    // What the real registers held when the control program took them over is known again only when they are told.
    this.lastReal = this.realBefore(from * kKept);
    for (let i = from * kKept; i <= at; ++i) this.apply(picture, this.moments!.moments[i]!);
    return picture;
  }

  private realBefore(at: number): string[] {
    const registers = Array<string>(16).fill("00000000");
    for (let i = 0; i < at; ++i) for (const [r, value] of Object.entries(this.moments!.moments[i]!.real_gpr ?? {})) registers[Number(r)] = value;
    return registers;
  }

  go(to: number): void {
    if (!this.moments || this.moments.moments.length === 0) return;
    this.at = Math.max(0, Math.min(this.moments.moments.length - 1, to));
    this.show();
  }

  private trapFrom(direction: 1 | -1): void {
    const all = this.moments?.moments ?? [];
    for (let i = this.at + direction; i >= 0 && i < all.length; i += direction)
      if (all[i]!.kind === "trap" || all[i]!.kind === "interpreted") return this.go(i);
    this.go(direction < 0 ? 0 : all.length - 1);
  }

  /// True where the key meant something.
  key(event: KeyboardEvent): boolean {
    if (!this.moments || event.ctrlKey || event.altKey || event.metaKey) return false;
    const act: Record<string, () => void> = {
      ArrowRight: () => this.go(this.at + 1), ArrowLeft: () => this.go(this.at - 1), ArrowDown: () => this.trapFrom(1), ArrowUp: () => this.trapFrom(-1),
      PageDown: () => this.trapFrom(1), PageUp: () => this.trapFrom(-1), Home: () => this.go(0), End: () => this.go(Infinity),
    };
    if (!act[event.key]) return false;
    act[event.key]!();
    event.preventDefault();
    return true;
  }

  mount(root: HTMLElement): void {
    this.root = root;
    this.draw();
  }

  private body: HTMLElement | null = null;
  private where: HTMLInputElement | null = null;

  private draw(): void {
    const root = this.root;
    if (!root) return;
    root.replaceChildren();
    this.body = null;
    if (!this.moments) {
      root.append(make("p", {}, L("Run a scenario, then open this view: it shows what happens, moment by moment.", "シナリオを実行してからここを開くと、何が起きるかを一瞬ずつ見られます。")));
      return;
    }
    const all = this.moments.moments;
    if (all.length === 0) {
      root.append(make("p", {}, L("Nothing happened: there are no moments.", "何も起きませんでした。")));
      return;
    }
    const button = (id: string, text: string, label: string, act: () => void): HTMLElement => {
      const made = make("button", { type: "button", id, "aria-label": label, title: label }, text);
      made.addEventListener("click", act);
      return made;
    };
    this.where = make("input", { type: "range", id: "moment", min: "0", max: String(all.length - 1), step: "1", "aria-label": L("Moment", "時点") }) as HTMLInputElement;
    this.where.addEventListener("input", () => this.go(Number(this.where!.value)));
    const trap = make("input", { type: "number", id: "first-trap", min: "1", value: String(this.moments.first_trap), "aria-label": L("First trap", "最初のトラップ") }) as HTMLInputElement;
    const from = make("form", { class: "inline" }, make("label", {}, L("from trap ", "トラップ番号 "), trap), make("button", { type: "submit" }, L("Go", "移動")));
    from.addEventListener("submit", (event) => {
      event.preventDefault();
      this.load(Math.max(1, Number(trap.value) || 1));
    });
    root.append(
      make("div", { class: "steps", role: "group", "aria-label": L("Steps", "ステップ") },
        button("first", "|◀", L("First moment (Home)", "最初の時点 (Home)"), () => this.go(0)),
        button("trap-before", "◀◀", L("Trap before (arrow up)", "前のトラップ (上矢印)"), () => this.trapFrom(-1)),
        button("back", "◀", L("Back (arrow left)", "戻る (左矢印)"), () => this.go(this.at - 1)),
        button("forward", "▶", L("Forward (arrow right)", "進む (右矢印)"), () => this.go(this.at + 1)),
        button("trap-after", "▶▶", L("Next trap (arrow down)", "次のトラップ (下矢印)"), () => this.trapFrom(1)),
        button("last", "▶|", L("Last moment (End)", "最後の時点 (End)"), () => this.go(Infinity)), this.where, from),
      this.moments.truncated ? make("p", { class: "soft" }, L(`The first ${count(all.length)} moments from trap ${count(this.moments.first_trap)} on; more of the run: begin at a later trap.`,
        `トラップ ${count(this.moments.first_trap)} からの ${count(all.length)} 時点です。続きは後のトラップから始めてください。`)) : "");
    this.body = make("div", { class: "moment" });
    root.append(this.body);
    this.show();
  }

  private registers(now: string[], before: string[] | null, name: string): HTMLElement {
    return make("dl", { class: "registers" }, now.map((value, i) => make("div", { class: before && before[i] !== value ? "changed" : null },
      make("dt", {}, `${name}${i}`), make("dd", {}, value))));
  }

  private pswOf(title: string, now: string | null, before: string | null): HTMLElement {
    return make("div", { class: "psw" + (before !== null && before !== now ? " changed" : "") }, make("div", { class: "soft" }, title),
      now === null ? L("not known yet", "まだ不明") : [make("code", {}, `${now.slice(0, 8)} ${now.slice(8)}`), make("div", {}, meaning(decode(now)))]);
  }

  private show(): void {
    const all = this.moments!.moments, moment = all[this.at]!;
    const now = this.picture(this.at), before = this.at > 0 ? this.picture(this.at - 1) : null;
    const names = this.moments!.machines;
    // The machine that it is about; of what is about none, the last one.
    let vm = moment.vm;
    for (let i = this.at; vm === undefined && i >= 0; --i) vm = all[i]!.vm;
    const machine = vm !== undefined ? now.machines[vm] : undefined, was = vm !== undefined ? before?.machines[vm] : undefined;
    const link = make("a", { href: `#${moment.document}`, class: "document" }, L(`More: ${moment.document}`, `詳しく: ${moment.document}`));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.openDocument(moment.document);
    });
    const guest = moment.kind === "instruction";
    const executed = guest || moment.kind === "interpreted" || moment.kind === "followed";
    // While the control program works: the instruction that the guest was at.
    let place: Moment | undefined;
    for (let i = this.at; place === undefined && i >= Math.max(0, this.at - 200); --i)
      if (all[i]!.vm === vm && all[i]!.address && (i === this.at ? executed : /^(instruction|interpreted)$/.test(all[i]!.kind))) place = all[i];
    const source = place?.file && place.line ? this.source(place.file, place.line) : "";
    const lines = this.moments!.console.slice(Math.max(0, now.lines - 8), now.lines);
    const near = make("ol", { class: "near", "aria-label": L("Moments around", "前後の時点"), start: String(Math.max(0, this.at - 4) + 1) },
      all.slice(Math.max(0, this.at - 4), this.at + 7).map((one, i) => {
        const number = Math.max(0, this.at - 4) + i;
        const to = make("button", { type: "button", class: `near-one ${one.kind}`, "aria-current": number === this.at ? "step" : null }, `${kindName(one.kind)}: ${one.name ?? ""}`);
        to.addEventListener("click", () => this.go(number));
        return make("li", { class: number === this.at ? "here" : null }, one.left_out ? make("span", { class: "soft" }, L(`(${count(one.left_out)} instructions left out) `, `(${count(one.left_out)} 命令を省略) `)) : "", to);
      }));
    this.body!.replaceChildren(
      make("div", { class: `told ${moment.kind}`, "aria-live": "polite", id: "told" },
        make("p", { class: "soft" }, L(`Moment ${count(this.at + 1)} of ${count(all.length)}`, `${count(all.length)} 時点中の ${count(this.at + 1)}`) +
          (moment.trap ? L(`, trap ${count(moment.trap)}`, `、トラップ ${count(moment.trap)}`) : "") + `, ${duration(moment.at_ns)}` +
          (moment.cost_ns !== undefined ? L(`; it takes ${duration(moment.cost_ns)} (simulated)`, `。所要 ${duration(moment.cost_ns)} (シミュレーション)`) : L(" (simulated)", " (シミュレーション)"))),
        make("p", { class: "sentence", id: "sentence" }, sentence(moment, vm !== undefined ? names[vm]! : "", duration)), make("p", {}, link)),
      make("div", { class: "sides" },
        make("section", { class: "side real" + (guest ? " runs" : ""), "aria-label": L("Real machine", "実マシン") }, make("h3", {}, L("Real machine", "実マシン")),
          this.pswOf(L("real PSW", "実 PSW"), now.realPsw, before ? before.realPsw : null),
          make("h4", {}, L("real general registers", "実汎用レジスタ")),
          now.realGpr ? this.registers(now.realGpr, before?.realGpr ?? now.realGpr, "R") :
            make("p", { class: "soft" }, L("The control program's own: it is priced by its steps, and has no registers here.", "制御プログラム自身のもの。ここでは手順ごとの価格で数え、レジスタはありません。"))),
        make("section", { class: "side virtual", "aria-label": L("Virtual machine", "仮想マシン") }, make("h3", {}, L("Virtual machine", "仮想マシン") + (vm !== undefined ? ` ${names[vm]}` : "")),
          machine ? [this.pswOf(L("virtual PSW, as the guest sees it", "仮想 PSW (ゲストから見たもの)"), machine.psw, was ? was.psw : null),
            place ? make("div", { class: "instruction-of" }, make("div", { class: "soft" }, executed ? L("instruction", "命令") : L("last instruction", "直前の命令")), make("code", {}, `${place.address}  ${place.name ?? ""}`),
              source ? make("span", { class: "source" }, make("code", {}, source), make("span", { class: "soft" }, `  ${place.file}:${place.line}`)) : "") : "",
            make("h4", {}, L("virtual general registers", "仮想汎用レジスタ")), this.registers(machine.gpr, was ? was.gpr : machine.gpr, "R")] : make("p", { class: "soft" }, L("None yet.", "まだありません。")))),
      make("div", { class: "below" }, make("section", { "aria-label": L("Moments around", "前後の時点") }, make("h3", {}, L("Around", "前後")), near),
        make("section", { "aria-label": L("Consoles so far", "ここまでのコンソール") }, make("h3", {}, L("Consoles so far", "ここまでのコンソール")),
          make("pre", { class: "console", tabindex: "0" }, lines.length > 0 ? lines.map((one) => `${names[one.vm] ?? ""} | ${one.text}`).join("\n") : L("(nothing yet)", "(まだ何もありません)")))));
    this.where!.value = String(this.at);
    this.where!.setAttribute("aria-valuetext", `${this.at + 1} / ${all.length}`);
  }
}

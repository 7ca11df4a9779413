// The labs: handout, the student's files, verdict and hints.

import { render } from "./documents";
import { current, L } from "./language";
import type { CheckVerdict, Lab, Parts } from "./types";

declare const vmcp_parts: Parts;
const { make } = vmcp_parts;

export interface LabPlace {
  check(lab: Lab): Promise<{ verdict?: { outcome: string; points: number; of: number; checks: CheckVerdict[] }; error?: string }>;
  edit(path: string): void;
  openDocument(place: string): void;
  choose(lab: Lab): void;
}

export const folderOf = (lab: Lab): string => `lab-${lab.number}`;

export class Labs {
  private chosen = 0;
  private hints = 0;
  private labs: Lab[] = [];
  private root: HTMLElement | null = null;

  constructor(private readonly place: LabPlace) {}

  give(labs: Lab[]): void {
    this.labs = labs;
    this.draw();
  }

  mount(root: HTMLElement): void {
    this.root = root;
    this.draw();
  }

  private choose(number: number): void {
    this.chosen = number;
    this.hints = 0;
    const lab = this.labs.find((one) => one.number === number);
    if (lab) this.place.choose(lab);
    this.draw();
    this.root?.querySelector<HTMLElement>("h2")?.focus();
  }

  private draw(): void {
    if (!this.root) return;
    const lab = this.labs.find((one) => one.number === this.chosen);
    this.root.replaceChildren(...(lab ? this.one(lab) : this.list()));
  }

  private list(): HTMLElement[] {
    if (this.labs.length === 0) return [make("p", {}, L("There are no labs.", "課題がありません。"))];
    return [make("h2", {}, L("Labs", "課題")), make("ul", { class: "lab-list" }, this.labs.map((lab) => {
      const start = make("button", { type: "button", class: "lab", "data-lab": String(lab.number) }, L(`Start lab ${lab.number}: ${lab.title}`, `課題 ${lab.number} を始める: ${lab.title}`));
      start.addEventListener("click", () => this.choose(lab.number));
      return make("li", {}, start, make("p", {}, lab.summary), lab.in_a_page ? "" : make("p", { class: "soft" }, L("Its checks need a compiler: read it here, and check it with vmcp lab check.", "この課題のチェックにはコンパイラが必要です。ここで読み、vmcp lab check で確認してください。")));
    }))];
  }

  private one(lab: Lab): HTMLElement[] {
    const handout = (current() === "ja" && lab.files["handout.ja.md"]) || lab.files["handout.md"];
    const told = handout ? render(handout, this.place.openDocument) : null;
    told?.querySelector("h1")?.remove();  // the title stands above already
    const verdict = make("div", { id: "verdict", "aria-live": "polite" });
    const button = (id: string, text: string, act: () => void): HTMLElement => {
      const made = make("button", { type: "button", id }, text);
      made.addEventListener("click", act);
      return made;
    };
    const hints = make("ol", { class: "hints", "aria-live": "polite" }, lab.hints.slice(0, this.hints).map((hint) => make("li", {}, hint)));
    const check = button("check", L("Check what I have done", "できたか確認する"), async () => {
      verdict.replaceChildren(make("p", {}, L("Checking ...", "確認中 ...")));
      const answer = await this.place.check(lab);
      verdict.replaceChildren(...this.verdict(answer));
    });
    return [
      make("p", {}, button("all-labs", L("All labs", "課題の一覧"), () => {
        this.chosen = 0;
        this.draw();
      })),
      make("h2", { tabindex: "-1" }, L(`Lab ${lab.number}: ${lab.title}`, `課題 ${lab.number}: ${lab.title}`)),
      make("p", {}, lab.summary),
      make("div", { class: "buttons" }, lab.hand_in.map((name) => button(`edit-${name}`, L(`Edit ${name}`, `${name} を編集`), () => this.place.edit(`${folderOf(lab)}/${name}`))), check,
        lab.hints.length > 0 ? button("hint", L(`Hint (${this.hints} of ${lab.hints.length})`, `ヒント (${this.hints}/${lab.hints.length})`), () => {
          this.hints = Math.min(this.hints + 1, lab.hints.length);
          const shown = [...verdict.childNodes];
          this.draw();
          this.root!.querySelector("#verdict")!.replaceChildren(...shown);
          this.root!.querySelector<HTMLElement>("#hint")!.focus();
        }) : ""),
      verdict, hints,
      told ? make("section", { "aria-label": L("Handout", "配布資料"), class: "handout" }, told) : make("p", { class: "soft" }, L("This lab has no handout yet.", "この課題にはまだ配布資料がありません。")),
    ];
  }

  private verdict(answer: Awaited<ReturnType<LabPlace["check"]>>): HTMLElement[] {
    if (!answer.verdict) return [make("p", { class: "bad" }, answer.error ?? "")];
    const names: Record<string, string> = { passed: L("passed", "合格"), "not-yet": L("not yet", "まだ"), "not-tried": L("not tried", "未実施"), "cannot-judge": L("cannot be judged here", "ここでは判定できません") };
    const { outcome, points, of, checks } = answer.verdict;
    return [make("p", { class: `outcome ${outcome === "passed" ? "good" : "bad"}`, id: "outcome", "data-outcome": outcome },
      outcome === "passed" ? L(`All is right: ${points} of ${of} points.`, `すべて正解です: ${of} 点中 ${points} 点。`) : L(`Not yet: ${points} of ${of} points.`, `まだです: ${of} 点中 ${points} 点。`)),
      make("ul", { class: "checks" }, checks.map((one) => make("li", { class: one.outcome },
        make("strong", { class: one.outcome === "passed" ? "good" : "bad" }, `${one.outcome === "passed" ? "✓" : "✗"} ${names[one.outcome] ?? one.outcome}`), ` ${one.title} (${one.points}/${one.of})`,
        one.reasons.map((reason) => make("div", { class: "reason" }, reason.words ? make("p", {}, reason.words) : "", reason.detail ? make("pre", {}, reason.detail) : "")))))];
  }
}

// A place to write programs: a text area with line numbers, and errors where they are.

import { L } from "./language";
import type { Diagnostic, Parts } from "./types";

declare const vmcp_parts: Parts;
const { make } = vmcp_parts;

export class Editor {
  readonly element: HTMLElement;
  readonly area: HTMLTextAreaElement;
  private readonly numbers: HTMLElement;
  private readonly marks: HTMLElement;
  private readonly list: HTMLElement;
  private diagnostics: Diagnostic[] = [];
  private path = "";

  constructor(private readonly changed: (text: string) => void, run: () => void) {
    this.area = make("textarea", { class: "code", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off",
      autocorrect: "off" }) as HTMLTextAreaElement;
    this.numbers = make("div", { class: "numbers", "aria-hidden": "true" });
    this.marks = make("div", { class: "marks", "aria-hidden": "true" });
    this.list = make("ul", { class: "diagnostics", id: "diagnostics", "aria-live": "polite" });
    this.element = make("div", { class: "editor" }, make("div", { class: "paper" }, make("div", { class: "gutter" }, this.numbers), make("div", { class: "sheet" }, this.marks, this.area)), this.list);
    this.area.setAttribute("aria-describedby", "diagnostics");
    this.area.addEventListener("input", () => {
      this.draw();
      this.changed(this.area.value);
    });
    this.area.addEventListener("scroll", () => this.follow());
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        run();
      }
    });
  }

  show(path: string, text: string): void {
    this.path = path;
    this.area.value = text;
    this.area.setAttribute("aria-label", L(`Text of ${path}. Control and Enter run it.`, `${path} の本文。Control と Enter で実行します。`));
    this.area.scrollTop = 0;
    this.tell([], "");
  }

  /// What the assembler says, or another message.
  tell(diagnostics: Diagnostic[], otherwise: string): void {
    this.diagnostics = diagnostics.filter((one) => one.severity !== "note");
    const errors = this.diagnostics.filter((one) => one.severity === "error").length;
    this.area.setAttribute("aria-invalid", String(errors > 0 || otherwise !== ""));
    this.list.replaceChildren(...this.diagnostics.slice(0, 30).map((one) => {
      const here = one.file === this.path;
      const place = make("button", { type: "button", class: "place", disabled: !here || one.line === 0 ? "" : null },
        here ? L(`line ${one.line}`, `${one.line} 行`) : `${one.file}:${one.line}`);
      place.addEventListener("click", () => this.go(one.line, one.column));
      return make("li", { class: one.severity === "error" ? "bad" : "" }, place, ` ${one.message}`);
    }), ...(otherwise ? [make("li", { class: "bad" }, otherwise)] : []));
    this.draw();
  }

  go(line: number, column = 1): void {
    const lines = this.area.value.split("\n");
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const end = at + (lines[line - 1]?.length ?? 0);
    this.area.focus();
    this.area.setSelectionRange(Math.min(at + column - 1, end), end);
    this.area.scrollTop = Math.max(0, (line - 6) * this.lineHeight());
    this.follow();
  }

  private lineHeight(): number {
    return parseFloat(getComputedStyle(this.area).lineHeight) || 19;
  }

  private draw(): void {
    const count = this.area.value.split("\n").length;
    const wrong = new Map<number, Diagnostic>();
    for (const one of this.diagnostics)
      if (one.file === this.path && one.line > 0 && !(wrong.get(one.line)?.severity === "error")) wrong.set(one.line, one);
    this.numbers.replaceChildren(...Array.from({ length: count }, (_, i) => make("div",
      { class: wrong.get(i + 1)?.severity ?? null, title: wrong.get(i + 1)?.message ?? null }, String(i + 1))));
    this.marks.replaceChildren(...[...wrong].map(([line, one]) => make("div", { class: one.severity, style: `top: calc(${line - 1} * var(--row))` })));
    this.follow();
  }

  private follow(): void {
    this.numbers.style.transform = `translateY(${-this.area.scrollTop}px)`;
    this.marks.style.transform = `translateY(${-this.area.scrollTop}px)`;
  }
}

// The documents that the page carries, and a place to read them.

import { marked } from "marked";
import { L } from "./language";
import type { Parts } from "./types";

declare const vmcp_parts: Parts;
const { make } = vmcp_parts;

/// As GitHub names the places of headings.
const placeOf = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replace(/ /g, "-");

/// Markdown of ours; `open` is told which document a link leads to.
export function render(text: string, open: (place: string) => void): HTMLElement {
  const element = make("div", { class: "document-text" });
  element.innerHTML = marked.parse(text, { async: false }) as string;
  for (const heading of element.querySelectorAll("h1, h2, h3, h4")) heading.id ||= `at-${placeOf(heading.textContent ?? "")}`;
  for (const anchor of element.querySelectorAll("a[id]")) anchor.id = `at-${anchor.id}`;
  for (const table of element.querySelectorAll("table")) {
    const scrolls = make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": L("Table", "表") });
    table.replaceWith(scrolls);
    scrolls.append(table);
  }
  for (const link of element.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    const to = link.getAttribute("href")!;
    const document = /([\w-]+\.md)?(#[\w-]+)?$/.exec(to);
    if (/^https?:/.test(to) || !document || document[0] === "") {
      link.removeAttribute("href");
      continue;
    }
    link.addEventListener("click", (event) => {
      event.preventDefault();
      open(document[0]);
    });
  }
  return element;
}

export class Documents {
  private readonly dialog: HTMLDialogElement;
  private name = "";

  constructor(private readonly texts: Record<string, string>, root: HTMLElement) {
    this.dialog = make("dialog", { class: "reader", id: "reader" }) as HTMLDialogElement;
    root.append(this.dialog);
  }

  /// "how-a-trap-travels.md#step-3"
  open = (place: string): void => {
    const [name, anchor] = place.split("#") as [string, string | undefined];
    this.name = name || this.name;
    const text = this.texts[this.name];
    const close = make("button", { type: "button", autofocus: "" }, L("Close (Escape)", "閉じる (Escape)"));
    close.addEventListener("click", () => this.dialog.close());
    const body = text === undefined ? make("p", {}, L(`docs/${this.name} comes with VMCP, and is not in this page.`, `docs/${this.name} は VMCP に付属していますが、このページには入っていません。`)) : render(text, this.open);
    this.dialog.setAttribute("aria-label", `docs/${this.name}`);
    this.dialog.replaceChildren(make("div", { class: "reader-head" }, make("code", {}, `docs/${this.name}`), close), body);
    if (!this.dialog.open) this.dialog.showModal();
    const there = anchor ? this.dialog.querySelector(`#at-${CSS.escape(anchor)}`) : null;
    if (there) {
      there.scrollIntoView({ block: "start" });
      (there.closest("li, h2, h3") ?? there).classList.add("pointed");
    } else {
      this.dialog.scrollTop = 0;
    }
  };
}

// What the engine answers (vmcp/web/engine.cpp), as far as the page looks at it.

export interface Diagnostic {
  file: string;
  line: number;
  column: number;
  severity: "note" | "warning" | "error";
  message: string;
}

export interface Assembly {
  ok: boolean;
  diagnostics: Diagnostic[];
  listing: string;
}

export type Registers = Record<string, string>;

/// As the file has it: what does not change from one moment to the next is left out.
export interface Moment {
  kind: string;
  at_ns: number;
  cost_ns?: number;
  vm?: number;
  trap?: number;
  left_out?: number;
  name?: string;
  cause?: string;
  times?: number;
  text: string;
  document: string;
  real_psw?: string;
  real_gpr?: Registers | null;
  psw?: string;
  gpr?: Registers;
  cr?: Registers;
  address?: string;
  file?: string;
  line?: number;
  lines?: number;
}

export interface Moments {
  machines: string[];
  first_trap: number;
  traps: number;
  truncated: boolean;
  console: { vm: number; text: string }[];
  moments: Moment[];
}

/// The whole picture at a moment.
export interface Picture {
  realPsw: string | null;
  realGpr: string[] | null;
  machines: { psw: string | null; gpr: string[]; cr: string[] }[];
  lines: number;
}

// eslint-disable-next-line: a result is shown, not computed with
export type Result = any;

export interface Run {
  result: Result;
  well: boolean;
  report: string;
}

export interface Lab {
  number: number;
  title: string;
  summary: string;
  hand_in: string[];
  hints: string[];
  in_a_page: boolean;
  files: Record<string, string>;
}

export interface CheckVerdict {
  name: string;
  title: string;
  outcome: string;
  points: number;
  of: number;
  reasons: { words: string; detail: string }[];
}

export interface Overrides {
  policy?: string;
  slice_ms?: number;
  cp_scale?: number;
  model?: string;
  assists?: string[];
}

export interface Parts {
  make(tag: string, attributes?: Record<string, unknown>, ...children: unknown[]): HTMLElement;
  duration(ns: number): string;
  count(n: number): string;
  share(part: number, whole: number): string;
  ratio(x: number | null): string;
  overhead(result: Result, language: string): (HTMLElement | null)[];
  timeline(result: Result, language: string): unknown;
  report(root: HTMLElement, result: Result, words: unknown, language: string): void;
}

// The engine: in a worker, so that the page can be used while it works; on the page itself where a browser lets none be made
// from a file.

const kWorker = `
let engine = null;
const made = vmcp_engine();
onmessage = async (event) => {
  engine = engine || await made;
  const { id, files, request } = event.data;
  let answer;
  try {
    answer = vmcp_answer(engine, files, request);
  } catch (error) {
    answer = JSON.stringify({ error: String(error), fatal: true });
  }
  postMessage({ id, answer });
};
`;

/// Puts files where the engine finds them, and asks it. The same text runs in the worker and on the page.
const kAnswer = `
function vmcp_answer(engine, files, request) {
  for (const [path, content] of files) {
    let folder = "";
    for (const part of path.split("/").slice(0, -1)) {
      folder += (folder ? "/" : "") + part;
      if (!engine.FS.analyzePath(folder).exists) engine.FS.mkdir(folder);
    }
    engine.FS.writeFile(path, content);
  }
  return engine.ccall("vmcp_do", "string", ["string"], [request]);
}
`;

type Files = [string, string | Uint8Array][];

export class Engine {
  private worker: Worker | null = null;
  private here: Promise<(files: Files, request: string) => string> | null = null;
  private waiting = new Map<number, (answer: string) => void>();
  private number = 0;
  private known = new Map<string, string | Uint8Array>();
  readonly inWorker: boolean;

  constructor(private readonly source: string) {
    this.inWorker = this.start();
  }

  private start(): boolean {
    this.known.clear();
    try {
      const blob = new Blob([this.source, kAnswer, kWorker], { type: "text/javascript" });
      this.worker = new Worker(URL.createObjectURL(blob));
    } catch {
      this.worker = null;
      return false;
    }
    this.worker.onmessage = (event) => {
      const { id, answer } = event.data;
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      for (const tell of this.waiting.values()) tell(JSON.stringify({ error: event.message || "the engine has failed", fatal: true }));
      this.waiting.clear();
    };
    return true;
  }

  /// Ends what it is doing, by ending it.
  stop(): void {
    this.worker?.terminate();
    for (const tell of this.waiting.values()) tell(JSON.stringify({ error: "stopped", stopped: true }));
    this.waiting.clear();
    this.start();
  }

  get busy(): boolean {
    return this.waiting.size > 0;
  }

  /// `files`: all that there are; those that have changed since are handed over.
  async ask<T>(files: Map<string, string | Uint8Array>, request: object): Promise<T & { error?: string; stopped?: boolean }> {
    const changed: Files = [...files].filter(([path, content]) => this.known.get(path) !== content);
    for (const [path, content] of changed) this.known.set(path, content);
    const text = JSON.stringify(request);
    const answer = this.worker ? await this.askWorker(changed, text) : (await this.onPage())(changed, text);
    const read = JSON.parse(answer);
    // Memory that an abort has left behind is no good.
    if (read.fatal && this.worker) this.stop();
    return read;
  }

  private askWorker(files: Files, request: string): Promise<string> {
    const id = ++this.number;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.worker!.postMessage({ id, files, request });
    });
  }

  private onPage() {
    this.here ??= (async () => {
      const [make, answer] = new Function(`${this.source}\n${kAnswer}\nreturn [vmcp_engine, vmcp_answer];`)();
      const engine = await make();
      return (files: Files, request: string) => answer(engine, files, request);
    })();
    return this.here;
  }
}

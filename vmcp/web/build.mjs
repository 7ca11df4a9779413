// Makes the page: one file, with the engine, the examples and the documents in it.
//
//   node build.mjs ENGINE.js OUTPUT.html
//
// Run by ./dev web, where npm has put what package.json names beside it.
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const page = process.env.VMCP_PAGE ?? join(here, "page");
const source = process.env.VMCP_SOURCE ?? join(here, "../..");
const [engine, output] = process.argv.slice(2);
if (!engine || !output) {
  console.error("usage: node build.mjs ENGINE.js OUTPUT.html");
  process.exit(2);
}
const read = (path) => readFileSync(path, "utf8");

/// What the page can open and run. Guests in C take a compiler, and models are in the engine.
const kFolders = ["examples/guests", "examples/scenarios", "examples/cards", "examples/disks", "examples/native"];
function examples() {
  const files = {};
  for (const folder of kFolders)
    for (const name of readdirSync(join(source, folder)).sort()) {
      const path = join(source, folder, name);
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      files[`${folder}/${name}`] = bytes.includes(0) ? { base64: bytes.toString("base64") } : bytes.toString("utf8");
    }
  return files;
}
const documents = () => Object.fromEntries(readdirSync(join(source, "docs")).filter((name) => name.endsWith(".md")).sort().map((name) => [name, read(join(source, "docs", name))]));

/// Nothing of it can end the element that it stands in.
const data = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");
const script = (text) => text.replace(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");

const bundle = await build({ entryPoints: [join(page, "main.ts")], bundle: true, minify: true, format: "iife", target: "es2022", write: false, charset: "utf8", legalComments: "inline" });
const shared = join(source, "vmcp/experiment/report_page/run");
const engineText = read(engine);
if (script(engineText) !== engineText) throw new Error(`${engine}: holds what cannot stand in a page`);
const parts = {
  STYLE: read(join(shared, "look.css")) + read(join(page, "page.css")),
  EXAMPLES: data(examples()),
  DOCUMENTS: data(documents()),
  ENGINE: engineText,
  PARTS: script(read(join(shared, "parts.js"))),
  SCRIPT: script(bundle.outputFiles[0].text),
};
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, read(join(page, "index.html")).replace(/@([A-Z]+)@/g, (place, name) => parts[name] ?? place));
console.log(`${output}: ${(statSync(output).size / 1e6).toFixed(1)} MB`);

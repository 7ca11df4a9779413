// Whether the engine of the page gives what the program gives: the same result, and for some scenarios the same moments, byte
// for byte, but for what the host took.
//
//   node --no-experimental-fetch engine_test.mjs ENGINE.js VMCP [all]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [enginePath, vmcp, all] = process.argv.slice(2);
const engine = await createRequire(import.meta.url)(resolve(enginePath))();
const folder = mkdtempSync(join(tmpdir(), "vmcp-web-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let mistakes = 0;
const check = (good, what) => {
  if (!good) ++mistakes, console.log(`WRONG: ${what}`);
};

function put(path) {
  if (statSync(path).isDirectory()) {
    if (!engine.FS.analyzePath(path).exists) engine.FS.mkdir(path);
    for (const name of readdirSync(path)) put(join(path, name));
  } else {
    engine.FS.writeFile(path, readFileSync(path));
  }
}
put("examples");
const ask = (request) => JSON.parse(engine.ccall("vmcp_do", "string", ["string"], [JSON.stringify(request)]));

const kFew = ["exercise", "timesharing", "hostile", "privileged-rate", "assists", "real-disk", "spooling", "shadow-vs-nested", "overcommit"];
const scenarios = all ? readdirSync("examples/scenarios").map((name) => name.replace(".toml", "")) : kFew;
const native = (...options) => {
  try {
    execFileSync(vmcp, options, { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error.status !== 3) throw error;  // a guest of the scenario ends badly, and is meant to
  }
};
const text = (json) => JSON.stringify(json, null, 2) + "\n";
for (const name of scenarios) {
  const file = `examples/scenarios/${name}.toml`, json = join(folder, `${name}.json`), moments = join(folder, `${name}.moments`);
  native("run", file, "--json", json, "--no-host", "--quiet");
  const began = Date.now();
  const answer = ask({ do: "run", file });
  const took = Date.now() - began;
  if (answer.error) {
    check(false, `${name}: ${answer.error}`);
    continue;
  }
  delete answer.result.host;
  // Which build it is differs where something has been changed since.
  const expected = JSON.parse(readFileSync(json, "utf8"));
  expected.vmcp.commit = answer.result.vmcp.commit = "";
  check(text(answer.result) === text(expected), `${name}: another result than the program's`);
  if (all || name === "timesharing") {
    native("run", file, "--moments", moments, "--quiet");
    const own = ask({ do: "moments", file }), theirs = JSON.parse(readFileSync(moments, "utf8"));
    own.vmcp.commit = theirs.vmcp.commit = "";
    // The page's run ends with the last moment that is kept.
    own.traps = theirs.traps = 0;
    own.console = theirs.console = own.truncated ? [] : own.console;
    check(text(own.moments) === text(theirs.moments) && own.truncated === theirs.truncated, `${name}: other moments than the program's`);
  }
  console.log(`${name}: the same (${took} ms)`);
}

const bad = (request, expected) => check(ask(request).error?.includes(expected), `${JSON.stringify(request)}: expected an error with "${expected}", found ${JSON.stringify(ask(request)).slice(0, 200)}`);
bad({ do: "run", file: "nowhere.toml" }, "nowhere.toml");
bad({ do: "sing" }, "expected about");
bad({}, "do");
check(JSON.parse(engine.ccall("vmcp_do", "string", ["string"], ["{"])).error !== undefined, "a request that is no JSON is answered");
engine.FS.writeFile("wrong.asm", "A START 0\n LA 1,NOWHERE\n END\n");
const wrong = ask({ do: "assemble", file: "wrong.asm" });
check(!wrong.ok && wrong.diagnostics.some((one) => one.line === 2 && one.severity === "error"), `an error is told with its line: ${JSON.stringify(wrong.diagnostics)}`);
const faster = ask({ do: "run", file: "examples/scenarios/timesharing.toml", overrides: { cp_scale: 0.5 } });
const usual = ask({ do: "run", file: "examples/scenarios/timesharing.toml" });
check(faster.result.totals.cp_ns < usual.result.totals.cp_ns, "half the prices make less control-program time");
const assisted = ask({ do: "run", file: "examples/scenarios/timesharing.toml", overrides: { model: "s370-158-assists", assists: ["vma", "evma"] } });
check(assisted.result.totals.cp_ns < usual.result.totals.cp_ns, `assists make less control-program time: ${assisted.error}`);
const { labs } = ask({ do: "labs", language: "ja" });
check(labs.length > 0 && labs[0].number === 1 && labs[0].title !== "", "there are labs");
console.log(mistakes === 0 ? "engine: all as natively" : `engine: ${mistakes} mistakes`);
process.exitCode = mistakes === 0 ? 0 : 1;

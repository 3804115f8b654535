// Runs candidate.js as a script, then every call of calls.json; writes each result as JSON that loose.py can compare.
"use strict";
const fs = require("fs");
const vm = require("vm");
const { stringify } = JSON;
const results = fs.openSync("results.out", "w");
const { writeSync } = fs;
const COMPILE_ERROR = 65;

function shown(value) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return stringify(value);
  if (typeof value === "number") return isFinite(value) ? stringify(value) : stringify({ $: String(value) });
  if (typeof value === "undefined") return '{"$":"undefined"}';
  if (typeof value === "bigint") return stringify({ $: "bigint", v: String(value) });
  if (typeof value !== "object") return stringify({ $: typeof value });
  if (Array.isArray(value)) return "[" + Array.from(value, shown).join(",") + "]";
  if (value instanceof Map) return marked("Map", [...value].map((pair) => shown(pair)).sort());
  if (value instanceof Set) return marked("Set", [...value].map(shown).sort());
  if (value instanceof Date) return marked("Date", [shown(value.getTime())]);
  return marked("object", Object.keys(value).sort().map((key) => `[${stringify(key)},${shown(value[key])}]`));
}

function marked(kind, parts) {
  return `{"$":"${kind}","v":[${parts.join(",")}]}`;
}

const calls = JSON.parse(fs.readFileSync("calls.json", "utf8"));
let script = null;
if (fs.existsSync("candidate.js")) {
  try {
    script = new vm.Script(fs.readFileSync("candidate.js", "utf8"), { filename: "candidate.js" });
  } catch (error) {
    console.error(error);
    process.exit(COMPILE_ERROR);
  }
}
Object.assign(globalThis, { require, module: { exports: {} }, exports: {} });
if (script !== null) script.runInThisContext();
const run = vm.runInThisContext.bind(vm);
for (const call of calls) writeSync(results, shown(run(call)) + "\n");
process.exit(0);

// One table for Node and Chromium: `node run.mjs CHROMIUM VECTORS`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import * as sportello from "../dist/check-node.js";
import { visit } from "../scripts/visit.mjs";
import { measure, rows } from "./suite.mjs";

const [chromium, vectors] = process.argv.slice(2);
if (!chromium || !vectors) {
  throw new Error("usage: node run.mjs CHROMIUM VECTORS");
}
const { service } = JSON.parse(readFileSync(join(vectors, "form/assegno-unico.json"), "utf8"));

// Made by the whole library in a program of its own: what is measured here is the check.
const persons = JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, "persons.mjs")], { encoding: "utf8" }));

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { measure, rows } from "./suite.mjs";
      import * as sportello from "/dist/check-web.js";
      const report = (answer) => fetch("/result", { method: "POST", body: JSON.stringify(answer) });
      try {
        await sportello.init();
        const { service, persons } = await (await fetch("/persons.json")).json();
        await report((await rows(sportello, service, persons)).map(measure));
      } catch (error) {
        await report({ error: String(error.stack) });
      }`,
    resolveDir: import.meta.dirname,
  },
  external: ["/dist/*"],
  bundle: true,
  format: "esm",
  write: false,
});
const inChromium = await visit(chromium, {
  page: `<!doctype html><title>bench</title><script type="module" src="/page.js"></script>`,
  files: { "/page.js": outputFiles[0].text, "/persons.json": JSON.stringify({ service, persons }) },
  // The peers write code and run it. Apart from every other origin, a page's clock is exact.
  headers: { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
  seconds: 300,
});
if (inChromium.error) {
  throw new Error(inChromium.error);
}
const own = await rows(sportello, service, persons);
const inNode = own.map(measure);
console.log(`bench: ${"microseconds for a call".padEnd(32)}${"".padEnd(20)}${"Node".padStart(8)}${"Chromium".padStart(10)}`);
for (const [at, [what, who]] of own.entries()) {
  console.log(`bench: ${what.padEnd(32)}${who.padEnd(20)}${inNode[at].toFixed(2).padStart(8)}${inChromium[at].toFixed(2).padStart(10)}`);
}

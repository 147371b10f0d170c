// The shared cases in Chromium, on a page with a strict Content-Security-Policy: `node scripts/chromium.mjs CHROMIUM VECTORS`.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { visit } from "./visit.mjs";

const [chromium, vectors] = process.argv.slice(2);
if (!chromium || !vectors) {
  throw new Error("usage: node scripts/chromium.mjs CHROMIUM VECTORS");
}
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const PAGE = `<!doctype html><title>cases</title><script type="module" src="/page.js"></script>`;
const SCRIPT = `
  import { run } from "/test/run.js";
  const report = async (answer) => fetch("/result", { method: "POST", body: JSON.stringify(answer) });
  try {
    const files = await (await fetch("/vectors.json")).json();
    const outcomes = {};
    for (const [name, file] of [["sportello", "/dist/web.js"], ["sportello/check", "/dist/check-web.js"]]) {
      const api = await import(file);
      const before = performance.now();
      await api.init();
      outcomes[name] = { load: performance.now() - before, ...run(api, files) };
    }
    const bytes = await (await fetch("/dist/check/sportello_bg.wasm")).arrayBuffer();
    const module = await WebAssembly.compile(bytes);
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => 0;
    }
    const before = performance.now();
    await WebAssembly.instantiate(module, imports);
    await report({ outcomes, instantiation: performance.now() - before });
  } catch (error) {
    await report({ error: String(error) });
  }
`;

const files = {};
for (const folder of ["form", "values", "typing", "codice_fiscale"]) {
  for (const name of readdirSync(join(vectors, folder)).filter((name) => name.endsWith(".json"))) {
    files[`${folder}/${name}`] = JSON.parse(readFileSync(join(vectors, folder, name), "utf8"));
  }
}

const answer = await visit(chromium, {
  page: PAGE,
  files: { "/page.js": SCRIPT, "/vectors.json": JSON.stringify(files) },
  headers: { "content-security-policy": POLICY },
});

let failed = answer.error !== undefined;
if (failed) {
  console.error(answer.error);
}
for (const [name, { load, counts, failures }] of Object.entries(answer.outcomes ?? {})) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(`in Chromium, ${name}: ${total} cases ${JSON.stringify(counts)}, ${failures.length} failed; loaded in ${load.toFixed(1)} ms`);
  failures.forEach((failure) => console.error(failure));
  failed ||= failures.length > 0 || total < 400;
}
console.log(`in Chromium, instantiated in ${answer.instantiation?.toFixed(2)} ms`);
process.exit(failed ? 1 : 0);

// The shared cases in Chromium, on a page with a strict Content-Security-Policy: `node scripts/chromium.mjs CHROMIUM VECTORS`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers";

const [chromium, vectors] = process.argv.slice(2);
if (!chromium || !vectors) {
  throw new Error("usage: node scripts/chromium.mjs CHROMIUM VECTORS");
}
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const TYPES = { js: "text/javascript", wasm: "application/wasm", json: "application/json", html: "text/html" };
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

const root = new URL("..", import.meta.url);
function content(path) {
  if (path === "/") return PAGE;
  if (path === "/page.js") return SCRIPT;
  if (path === "/vectors.json") return JSON.stringify(files);
  if (!/^\/(dist|test)(\/[\w-]+)*\/[\w-]+\.(js|wasm)$/.test(path)) return undefined;
  return readFileSync(new URL(path.replace(/^\/test\//, ".test-build/").replace(/^\//, ""), root));
}

const folder = mkdtempSync(join(tmpdir(), "sportello-chromium-"));
let browser;
const answer = await new Promise((resolve, reject) => {
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => (response.end(), resolve(JSON.parse(body))));
      return;
    }
    let found;
    try {
      found = content(request.url ?? "/");
    } catch {
      found = undefined;
    }
    const ending = request.url === "/" ? "html" : (request.url ?? "").split(".").at(-1);
    response.writeHead(found === undefined ? 404 : 200, {
      "content-type": TYPES[ending] ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(found);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${folder}`];
    browser = spawn(chromium, [...flags, `http://127.0.0.1:${port}/`], { stdio: "ignore", detached: true });
    browser.on("error", reject);
  });
  setTimeout(() => reject(new Error("the page said nothing for two minutes")), 120_000);
}).finally(async () => {
  if (browser?.pid) {
    const gone = new Promise((resolve) => browser.once("exit", resolve));
    // With the processes that it started: they write into its folder to the last.
    process.kill(-browser.pid, "SIGKILL");
    await gone;
  }
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  } catch {
    // One of them is still at its end; what is left lies among the temporary files.
  }
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

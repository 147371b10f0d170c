// Builds each small program with the packed package and runs it: `node run.mjs CHROMIUM`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import * as vite7 from "vite-7";
import * as vite8 from "vite-8";
import webpack from "webpack";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGE = join(HERE, "node_modules/sportello");
/** No code but the page's own, nothing evaluated but WebAssembly. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const temporary = mkdtempSync(join(tmpdir(), "sportello-packaging-"));
const browser = await chromium.launch({ executablePath: process.argv[2] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
let ran = 0;

/** What is published, as whoever installs it has it: a folder of files, no link into this checkout. */
function install() {
  rmSync(PACKAGE, { recursive: true, force: true });
  mkdirSync(PACKAGE, { recursive: true });
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", temporary];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: join(HERE, ".."), encoding: "utf8" }));
  execFileSync("tar", ["-xzf", join(temporary, filename), "-C", PACKAGE, "--strip-components=1"]);
}

/** Serves a folder under the strict policy. */
async function serve(folder, change = (text) => text) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    try {
      const ending = extname(path) || ".html";
      const content = readFileSync(join(folder, path === "/" ? "index.html" : path));
      response.writeHead(200, { "content-type": TYPES[ending], "content-security-policy": POLICY });
      response.end(ending === ".js" ? change(String(content)) : content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** Opens a page and waits for its word. Whatever it complains of fails it, unless that is what is looked at. */
async function open(url, act = async () => undefined) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(url);
  await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 }).catch(() => assert.fail(complaints.join("\n")));
  const said = await page.title();
  if (said === "ok") {
    await act(page);
    assert.deepEqual(complaints, []);
  }
  await page.close();
  return said;
}

async function page(name, url, act) {
  const begun = performance.now();
  assert.equal(await open(url, act), "ok", name);
  passed(name, begun);
}

function passed(name, begun) {
  ran += 1;
  console.log(`packaging: ${name}: ok, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

const viteConfig = (name, settings) => ({
  root: join(HERE, "apps", settings.app ?? "page"),
  configFile: false,
  logLevel: "error",
  cacheDir: join(temporary, `cache-${name}`),
  optimizeDeps: settings.exclude ? { exclude: ["sportello"] } : {},
  // Top-level await, and files that a strict policy lets through.
  build: { target: "es2022", outDir: join(temporary, name), emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});

async function built(vite, name, settings = {}, act = undefined) {
  await vite.build(viteConfig(name, settings));
  const served = await serve(join(temporary, name));
  await page(`${name}, built, strict policy`, served.url, act);
  served.close();
}

async function developed(vite, name, settings) {
  const server = await vite.createServer({ ...viteConfig(name, settings), server: { port: 0, fs: { allow: [HERE] } } });
  await server.listen();
  const said = await open(server.resolvedUrls.local[0]);
  await server.close();
  return said;
}

/** Plain modules: the browser takes the package's files as they are. */
async function plain() {
  const folder = join(temporary, "plain");
  mkdirSync(folder);
  for (const file of ["index.html", "main.js", "worker.js"]) {
    writeFileSync(join(folder, file), readFileSync(join(HERE, "apps/page", file)));
  }
  execFileSync("cp", ["-r", join(PACKAGE, "dist"), join(folder, "sportello")]);
  const files = { sportello: "web.js", "sportello/check": "check-web.js", "sportello/render": "render/index.js" };
  const served = await serve(folder, (text) => text.replace(/from "(sportello[\w/]*)"/g, (_, name) => `from "/sportello/${files[name]}"`));
  await page("plain ES modules, strict policy", served.url);
  served.close();
}

async function bundled() {
  const output = { path: join(temporary, "webpack"), filename: "main.js", clean: true };
  const made = await new Promise((resolve, reject) => {
    const config = { mode: "production", context: HERE, entry: "./apps/page/main.js", output, performance: { hints: false } };
    webpack(config, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  assert.ok(!made.hasErrors() && !made.hasWarnings(), made.toString());
  writeFileSync(join(output.path, "index.html"), '<!doctype html><title></title><link rel="icon" href="data:," /><script defer src="main.js"></script>');
  const served = await serve(output.path);
  await page("webpack 5, built, strict policy", served.url);
  served.close();
}

/** Errors where they belong, in Italian; gone once they are put right; handed on when all is well. */
async function forms(page) {
  for (const name of ["hook", "tanstack"]) {
    const form = page.locator(`#${name} form`);
    await form.getByLabel("CODICE FISCALE", { exact: true }).fill("PRVRSL90E52H501B");
    await form.getByRole("button", { name: "Continua" }).click();
    const said = page.locator(`#${name}-codice_fiscale`);
    await said.getByText("lettera finale di controllo").waitFor();
    await page.locator(`#${name}-nome`).getByText("Questo dato serve").waitFor();
  }
  const form = page.locator("#hook form");
  const answers = {
    Nome: "Rosalia",
    COGNOME: "Prova",
    "CODICE FISCALE": "PRVRSL90E52H501A",
    CELLULARE: "333 1234567",
    Email: "rosalia.prova@example.org",
  };
  for (const [label, value] of Object.entries(answers)) {
    await form.getByLabel(label, { exact: true }).fill(value);
  }
  const pdf = { name: "carta.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n1 0 obj\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n") };
  for (const input of (await form.locator("input[type=file]").all()).slice(0, 2)) {
    await input.setInputFiles(pdf);
  }
  await form.getByRole("button", { name: "Continua" }).click();
  await page.locator("body[data-hook=done]").waitFor();
}

try {
  install();
  await plain();
  await bundled();
  for (const [name, vite] of Object.entries({ "Vite 7": vite7, "Vite 8": vite8 })) {
    await built(vite, name);
    const begun = performance.now();
    assert.equal(await developed(vite, `${name}-excluded`, { exclude: true }), "ok", name);
    passed(`${name}, development, with \`optimizeDeps.exclude\``, begun);
  }
  // Vite 7's development server moves the package's files and leaves the `.wasm` behind: the error says what to write where.
  const bare = performance.now();
  assert.match(await developed(vite7, "Vite 7-bare", {}), /^library\.not_loaded: .*optimizeDeps: \{ exclude: \["sportello"\] \}/);
  passed("Vite 7, development, without the setting: it is said", bare);
  const simply = performance.now();
  assert.equal(await developed(vite8, "Vite 8-bare", {}), "ok");
  passed("Vite 8, development, without any setting", simply);
  await built(vite8, "react-hook-form and TanStack Form", { app: "forms" }, forms);
  const begun = performance.now();
  assert.equal(execFileSync(process.execPath, [join(HERE, "apps/ssr.mjs")], { cwd: HERE, encoding: "utf8" }), "ok\n");
  passed("server-side rendering", begun);
  console.log(`packaging: ${ran} programs`);
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
  rmSync(PACKAGE, { recursive: true, force: true });
}

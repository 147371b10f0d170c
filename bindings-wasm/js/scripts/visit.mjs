// Opens a page in Chromium, serves what it asks for, and waits for what it says.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers";

const TYPES = { js: "text/javascript", wasm: "application/wasm", json: "application/json", html: "text/html", bin: "application/octet-stream" };
const root = new URL("..", import.meta.url);

/** What the page posts to `/result`. `files` are served by their path, and what was built in `dist` and `.test-build` (as `/test`). */
export async function visit(chromium, { page, files = {}, headers = {}, seconds = 120 }) {
  const content = (path) => {
    if (path === "/") return page;
    if (path in files) return files[path];
    if (!/^\/(dist|test)(\/[\w-]+)*\/[\w-]+\.(js|wasm|bin)$/.test(path)) return undefined;
    return readFileSync(new URL(path.replace(/^\/test\//, ".test-build/").replace(/^\//, ""), root));
  };
  const folder = mkdtempSync(join(tmpdir(), "sportello-chromium-"));
  let browser;
  let server;
  let clock;
  return await new Promise((resolve, reject) => {
    server = createServer((request, response) => {
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
      response.writeHead(found === undefined ? 404 : 200, { "content-type": TYPES[ending] ?? "text/plain", ...headers });
      response.end(found);
    });
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${folder}`];
      browser = spawn(chromium, [...flags, `http://127.0.0.1:${port}/`], { stdio: "ignore", detached: true });
      browser.on("error", reject);
    });
    clock = setTimeout(() => reject(new Error(`the page said nothing for ${seconds} seconds`)), seconds * 1000);
  }).finally(async () => {
    clearTimeout(clock);
    server.close();
    server.closeAllConnections();
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
}

// Starts everything: the relay with the simulator behind it, and the page; prints the address to open.
//
// `node server.mjs` serves with Vite, `node server.mjs --built` what `vite build` has made, under a strict policy.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** The policy of the built page: no code but the page's own, no HTML made of text, no calls but to the relay. */
const policy = (relay) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "font-src 'self' data:",
    "img-src data:",
    `connect-src 'self' ${relay}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

/** Starts the relay's command and reads what it prints. */
async function startRelay(origin) {
  const args = ["serve", "--simulator", "--listen", "127.0.0.1:0", "--origin", origin];
  const program = process.env.SPORTELLO_RELAY;
  const options = { cwd: HERE, stdio: ["ignore", "pipe", "inherit"], env: { RUST_LOG: "warn", ...process.env } };
  const child = program
    ? spawn(program, args, options)
    : spawn("cargo", ["run", "--quiet", "-p", "sportello-relay", "--", ...args], options);
  const said = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const value = line.slice(line.lastIndexOf(" ") + 1);
    if (line.startsWith("listening on ")) {
      said.relay = value;
    } else if (line.startsWith("session for ")) {
      said.session = value;
    } else if (line.startsWith("the simulator ")) {
      return { ...said, simulator: value, child };
    }
  }
  throw new Error("the relay did not start");
}

/** Starts relay, simulator and page; `close` ends them. */
export async function start({ built = false, port = 5173 } = {}) {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "localhost", resolve));
  const url = `http://localhost:${server.address().port}`;
  const { relay, session, simulator, child } = await startRelay(url);
  let vite;
  if (!built) {
    const { createServer: createVite } = await import("vite");
    vite = await createVite({ root: HERE, server: { middlewareMode: true } });
  }
  server.on("request", (request, response) => {
    const { pathname } = new URL(request.url, url);
    if (pathname === "/session.json") {
      // What an integrator's backend does for whoever has signed in.
      response.setHeader("content-type", "application/json");
      response.setHeader("cache-control", "no-store");
      response.end(JSON.stringify({ relay, session }));
    } else if (vite) {
      vite.middlewares(request, response);
    } else {
      void file(pathname, response, policy(relay));
    }
  });
  const close = async () => {
    child.kill();
    await vite?.close();
    server.closeAllConnections();
    server.close();
  };
  return { url, relay, session, simulator, close };
}

async function file(pathname, response, contentSecurityPolicy) {
  const path = join(HERE, "dist", normalize(pathname === "/" ? "/index.html" : pathname));
  try {
    const content = await readFile(path);
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
    response.setHeader("content-security-policy", contentSecurityPolicy);
    response.setHeader("x-content-type-options", "nosniff");
    response.end(content);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, simulator, close } = await start({ built: process.argv.includes("--built") });
  console.log(`\n  open ${url}\n\n  the simulated office and its ledger: ${simulator}\n  Ctrl-C ends all of it\n`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void close().finally(() => process.exit(0)));
  }
}

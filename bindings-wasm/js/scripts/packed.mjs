// What is published, used from the packed tarball in a folder of its own: Node as ESM, as CommonJS and in a worker, both entry points.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "sportello-packed-"));
const USE = `
  const [wrong] = library.checkValue("codice_fiscale", "PRVRSL90E52H501B");
  if (wrong.code !== "codice_fiscale.check_letter" || library.findingText(wrong).length < 20) throw new Error("wrong");
`;
const apps = {
  "esm.mjs": (entry) => `import * as library from "${entry}"; await library.init(); ${USE} console.log("ok");`,
  "commonjs.cjs": (entry) => `const library = require("${entry}"); ${USE} console.log("ok");`,
  "worker.mjs": (entry) => `
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    if (isMainThread) {
      new Worker(new URL(import.meta.url)).on("message", (said) => console.log(said));
    } else {
      const library = await import("${entry}"); ${USE} parentPort.postMessage("ok");
    }`,
  "texts.mjs": () => `
    import { addTexts, checkValue, findingText } from "sportello/check";
    import { fr } from "sportello/texts/fr";
    const [wrong] = checkValue("date", "x");
    try { findingText(wrong, "fr"); } catch (error) { if (error.code !== "texts.not_loaded") throw error; addTexts(fr); }
    if (findingText(wrong, "fr").length > 20) console.log("ok");`,
};
try {
  const said = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { encoding: "utf8" });
  const [{ filename, size, entryCount }] = JSON.parse(said);
  const home = join(folder, "node_modules/sportello");
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", home, "--strip-components=1"]);
  let count = 0;
  for (const [file, program] of Object.entries(apps)) {
    for (const entry of file === "texts.mjs" ? ["sportello/check"] : ["sportello", "sportello/check"]) {
      writeFileSync(join(folder, file), program(entry));
      const out = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
      if (out !== "ok\n") {
        throw new Error(`${file} with ${entry} said ${JSON.stringify(out)}`);
      }
      count += 1;
    }
  }
  console.log(`packed: ${count} programs ran from ${filename}, ${(size / 1000).toFixed(0)} kB, ${entryCount} files`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

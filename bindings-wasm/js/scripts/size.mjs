// Prints what a page downloads, and fails over the budget, unless `--no-budget`.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Kilobytes (of 1000 bytes) of brotli, the .wasm, its glue and its data together. */
const BUDGETS = { check: 58, full: 270, places: 90 };

let over = false;
for (const [name, budget] of Object.entries(BUDGETS)) {
  let total = 0;
  for (const file of ["sportello_bg.wasm", "glue.js", ...(name === "places" ? ["register.bin"] : [])]) {
    const content = readFileSync(new URL(`../dist/${name}/${file}`, import.meta.url));
    const brotli = brotliCompressSync(content).length;
    total += brotli;
    const show = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
    console.log(`size of ${name}/${file}: ${show(content.length)}, gzip ${show(gzipSync(content, { level: 9 }).length)}, brotli ${show(brotli)}`);
  }
  console.log(`size of ${name} in all: ${(total / 1000).toFixed(1)} kB brotli, of ${budget}`);
  over ||= total > budget * 1000;
}
if (over && !process.argv.includes("--no-budget")) {
  console.error("over budget");
  process.exit(1);
}

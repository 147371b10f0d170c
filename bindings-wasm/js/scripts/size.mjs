// Prints what a page downloads: raw, gzip, brotli.
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const show = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
for (const name of ["sportello_bg.wasm", "glue.js"]) {
  const content = readFileSync(new URL(`../dist/${name}`, import.meta.url));
  const sizes = [content.length, gzipSync(content, { level: 9 }).length, brotliCompressSync(content).length];
  const [raw, gzip, brotli] = sizes.map(show);
  console.log(`size of ${name}: ${raw}, gzip ${gzip}, brotli ${brotli}`);
}

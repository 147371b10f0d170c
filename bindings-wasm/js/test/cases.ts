// Runs the shared cases in Node. One program loads one of the two libraries, so each entry point has a program of its own.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type Api, FOLDERS, type Files, run } from "./run.js";

const root = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";

/** Every case through this entry point. */
export function cases(name: string, api: Api): void {
  const files: Files = {};
  for (const folder of [...FOLDERS, "codice_fiscale"]) {
    for (const name of readdirSync(join(root, folder)).filter((name) => name.endsWith(".json"))) {
      files[`${folder}/${name}`] = JSON.parse(readFileSync(join(root, folder, name), "utf8"));
    }
  }
  test(`the shared cases, ${name}`, () => {
    const { counts, failures } = run(api, files);
    assert.deepEqual(failures, []);
    for (const folder of [...FOLDERS, "codice_fiscale"]) {
      assert.ok((counts[folder] ?? 0) > 0, folder);
    }
    if (name === "sportello") {
      console.log(`vectors: ${(counts["form"] ?? 0) + (counts["values"] ?? 0)} cases`);
    }
    console.log(`${name}: ${JSON.stringify(counts)}`);
  });
}

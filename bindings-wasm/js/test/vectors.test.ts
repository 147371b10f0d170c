// The shared cases: data that every language runs, here through both entry points.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as full from "sportello";
import * as check from "sportello/check";

import { FOLDERS, type Files, run } from "./run.js";

const root = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";

const files: Files = {};
for (const folder of [...FOLDERS, "codice_fiscale"]) {
  for (const name of readdirSync(join(root, folder)).filter((name) => name.endsWith(".json"))) {
    files[`${folder}/${name}`] = JSON.parse(readFileSync(join(root, folder, name), "utf8"));
  }
}

for (const [name, api] of Object.entries({ sportello: full, "sportello/check": check })) {
  test(`the shared cases, ${name}`, () => {
    const { counts, failures } = run(api, files);
    assert.deepEqual(failures, []);
    for (const folder of [...FOLDERS, "codice_fiscale"]) {
      assert.ok((counts[folder] ?? 0) > 0, folder);
    }
    if (api === full) {
      console.log(`vectors: ${(counts["form"] ?? 0) + (counts["values"] ?? 0)} cases`);
    }
    console.log(`${name}: ${JSON.stringify(counts)}`);
  });
}

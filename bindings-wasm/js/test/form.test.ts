// What belongs to JavaScript alone: errors, plain objects, loading.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

import { type Answers, type Lang, SportelloError, ServiceForm, checkValue, findingText, isSportelloError } from "sportello";

const caught = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
};

test("a broken description is an error with a code", () => {
  const error = caught(() => ServiceForm.fromJson("not json"));
  assert.ok(error instanceof SportelloError && error instanceof Error && isSportelloError(error));
  assert.equal(error.name, "SportelloError");
  assert.equal(error.code, "schema.not_json");
  assert.ok(error.message.length > 0 && error.stack);
});

test("an unknown kind is an error", () => {
  const error = caught(() => checkValue("shoe_size", "42"));
  assert.ok(isSportelloError(error));
  assert.equal(error.code, "check.kind_unknown");
});

test("a foreign error is not taken for ours", () => {
  assert.equal(isSportelloError(new Error("no")), false);
  assert.equal(isSportelloError({ name: "SportelloError", code: "x" }), false);
});

test("a finding is plain data with a text in every language", () => {
  const [finding] = checkValue("codice_fiscale", "RSSMRA85T10A562X");
  assert.ok(finding);
  assert.equal(Object.getPrototypeOf(finding), Object.prototype);
  assert.equal(Object.getPrototypeOf(finding.params), Object.prototype);
  assert.deepEqual(structuredClone(finding), finding);
  const langs: Lang[] = ["it", "en", "fr", "de"];
  const texts = new Set(langs.map((lang) => findingText(finding, lang)));
  assert.equal(texts.size, langs.length);
  assert.equal(findingText(finding), findingText(finding, "it"));
});

test("answers that can't be read are an error that quotes none of them", () => {
  const folder = join(process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors", "form");
  const [first] = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.ok(first);
  const { service } = JSON.parse(readFileSync(join(folder, first), "utf8")) as { service: unknown };
  const form = ServiceForm.fromJson(JSON.stringify(service));
  const error = caught(() => form.check("RSSMRA85T10A562S" as unknown as Answers));
  assert.ok(isSportelloError(error));
  assert.equal(error.code, "answers.not_readable");
  assert.ok(!error.message.includes("RSSMRA"));
  form.free();
});

test("`require` gives the same library", () => {
  const required = createRequire(import.meta.url)("sportello") as typeof import("sportello");
  assert.equal(required.SportelloError, SportelloError);
});

test("the browser's build must be loaded first, from an address or from bytes", () => {
  // In a process of its own: here the library is loaded already.
  const script = `
    import { readFileSync } from "node:fs";
    import { checkValue, init } from "./dist/web.js";
    try { checkValue("date", "x") } catch (error) { console.log(error.name, error.code) }
    await Promise.all([init(readFileSync("dist/sportello_bg.wasm")), init()]);
    console.log(checkValue("date", "x").length > 0);
  `;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  assert.equal(out, "SportelloError library.not_loaded\ntrue\n");
});

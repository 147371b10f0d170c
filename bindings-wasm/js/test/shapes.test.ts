// What the core makes and what JavaScript makes of the same answers are the same, texts in four languages included. `shapes.ts` is written by the core, and
// the compiler holds it against the declared types.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { ServiceForm } from "sportello";

import * as client from "./client-shapes.js";
import { shapes } from "./shapes.js";

const root = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";
const forms = new Map<string, ServiceForm>();
const formOf = (name: string): ServiceForm => {
  const known = forms.get(name);
  if (known) {
    return known;
  }
  const { service } = JSON.parse(readFileSync(join(root, "form", `${name}.json`), "utf8")) as { service: object };
  const form = ServiceForm.fromJson(service);
  forms.set(name, form);
  return form;
};

test("fields, findings and texts are the core's", () => {
  let reports = 0;
  for (const shape of shapes) {
    const form = formOf(shape.form);
    if (shape.field) {
      const { words: _, ...field } = form.field(shape.field.key)!;
      assert.deepEqual(field, shape.field);
    }
    if (shape.report) {
      assert.deepEqual(structuredClone(form.check(shape.answers)), shape.report);
      reports += 1;
    }
  }
  assert.ok(reports > 10, `${reports} reports`);
});

test("what the client's verbs give is declared as the core writes it", () => {
  // The compiler has compared them; here is only seen that there was something to compare.
  assert.ok(client.shapes.length > 8 && Object.keys(client.stage).length > 8);
});

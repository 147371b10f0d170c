// The shared cases: data that every language runs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type Answers, type Finding, type MissingSets, ServiceForm, checkValue } from "sportello";

interface Expected {
  field?: string | null;
  code: string;
  severity: string;
  position?: number | null;
}
interface FormFile {
  service: unknown;
  cases: {
    name: string;
    answers: Answers;
    expect: { ok: boolean; findings: Expected[]; missing?: Pick<MissingSets, "sets" | "more"> };
  }[];
}
interface ValueFile {
  kind: string;
  cases: { input: string; findings: Expected[] }[];
}

const root = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";

function files<T>(folder: string): [string, T][] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(".json"));
  return names.map((name) => [name, JSON.parse(readFileSync(join(root, folder, name), "utf8")) as T]);
}

const line = (finding: Finding | Expected, field: boolean): string =>
  [...(field ? [finding.field ?? "-"] : []), finding.code, finding.severity, finding.position ?? "-"].join(" ");

let count = 0;
for (const [name, file] of files<FormFile>("form")) {
  for (const { name: title, answers, expect } of file.cases) {
    count += 1;
    test(`${name}: ${title}`, () => {
      const report = ServiceForm.fromJson(JSON.stringify(file.service)).check(answers);
      assert.deepEqual(report.findings.map((it) => line(it, true)), expect.findings.map((it) => line(it, true)));
      assert.equal(report.ok, expect.ok);
      if (expect.missing) {
        assert.deepEqual(report.missing.sets, expect.missing.sets);
        assert.equal(report.missing.more, expect.missing.more);
      }
    });
  }
}
for (const [name, file] of files<ValueFile>("values")) {
  for (const { input, findings } of file.cases) {
    count += 1;
    test(`${name}: ${JSON.stringify(input)}`, () => {
      const found = checkValue(file.kind, input);
      assert.deepEqual(found.map((it) => line(it, false)), findings.map((it) => line(it, false)));
    });
  }
}
test("there are shared cases", () => {
  assert.notEqual(count, 0);
  console.log(`vectors: ${count} cases`);
});

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
  position?: number;
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

// A position that a case does not give is not compared.
function compare(found: Finding[], expected: Expected[], field: boolean): void {
  const line = (it: Finding | Expected, position: boolean): unknown[] => [
    ...(field ? [it.field ?? null] : []),
    it.code,
    it.severity,
    ...(position ? [it.position] : []),
  ];
  assert.deepEqual(
    found.map((it, index) => line(it, expected[index]?.position !== undefined)),
    expected.map((it) => line(it, it.position !== undefined)),
  );
}

let count = 0;
for (const [name, file] of files<FormFile>("form")) {
  for (const { name: title, answers, expect } of file.cases) {
    count += 1;
    test(`${name}: ${title}`, () => {
      const report = ServiceForm.fromJson(JSON.stringify(file.service)).check(answers);
      compare(report.findings, expect.findings, true);
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
      compare(checkValue(file.kind, input), findings, false);
    });
  }
}
test("there are shared cases", () => {
  assert.notEqual(count, 0);
  console.log(`vectors: ${count} cases`);
});

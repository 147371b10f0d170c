// The shared cases, for Node and for a browser: nothing in here belongs to either.
import type { Answers, Finding, InputHints, Lang, MissingSets } from "sportello/check";

/** What the cases need of the library: both entry points have it. */
export type Api = Pick<typeof import("sportello/check"), "ServiceForm" | "checkValue" | "CodiceFiscale" | "isSportelloError">;

interface Expected {
  field?: string | null;
  code: string;
  severity: string;
  position?: number;
}
interface FormFile {
  service: object;
  fields: string[];
  required: string[];
  cases: {
    name: string;
    answers: Answers;
    expect: { ok: boolean; findings: Expected[]; missing: MissingSets };
  }[];
}
interface ValueFile {
  kind: string;
  cases: { input: string; findings: Expected[] }[];
}
interface TypingFile {
  form: object | string;
  hints: Record<string, InputHints>;
  field: { name: string; answers: Answers; key: string; fields: string[]; whole_form: boolean; findings: Expected[] }[];
  required: { name: string; answers: Answers; required: string[] }[];
  corrected: { name: string; answers: Answers; corrected: Answers }[];
}
interface DecodeFile {
  cases: { code: string; canonical: string; omocodia: boolean; sex: string; birth_dates: string[]; birthplace: string }[];
}

/** The files of `core/vectors` that are run, by their path. */
export type Files = Record<string, unknown>;

/** The folders they are in. */
export const FOLDERS = ["form", "values", "typing"] as const;

/** How many cases of each folder were run, and what went wrong. */
export interface Outcome {
  counts: Record<string, number>;
  failures: string[];
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Runs every case. */
export function run(api: Api, files: Files): Outcome {
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  const expect = (at: string, found: unknown, expected: unknown): void => {
    if (!same(found, expected)) {
      failures.push(`${at}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
    }
  };
  const attempt = (folder: string, at: string, call: () => void): void => {
    counts[folder] = (counts[folder] ?? 0) + 1;
    try {
      call();
    } catch (error) {
      failures.push(`${at}: ${String(error)}`);
    }
  };
  for (const [path, content] of Object.entries(files)) {
    const [folder] = path.split("/") as [string];
    if (folder === "form") {
      const file = content as FormFile;
      using form = api.ServiceForm.fromJson(file.service);
      expect(path, form.fields.map((field) => field.key), file.fields);
      expect(path, form.fields.filter((field) => field.required).map((field) => field.key), file.required);
      for (const { name, answers, expect: wanted } of file.cases) {
        attempt(folder, `${path}: ${name}`, () => {
          const report = form.check(answers);
          compare(`${path}: ${name}`, report.findings, wanted.findings, true, expect);
          expect(`${path}: ${name}`, report.ok, wanted.ok);
          expect(`${path}: ${name}`, report.missing, wanted.missing);
          const langs: Lang[] = ["it"];
          for (const finding of report.findings) {
            expect(`${path}: ${name}`, langs.every((lang) => !finding.texts[lang].includes("{")), true);
          }
        });
      }
    } else if (folder === "values") {
      const file = content as ValueFile;
      for (const { input, findings } of file.cases) {
        attempt(folder, `${path}: ${JSON.stringify(input)}`, () => {
          compare(`${path}: ${JSON.stringify(input)}`, api.checkValue(file.kind, input), findings, false, expect);
        });
      }
    } else if (folder === "typing") {
      const file = content as TypingFile;
      const described = typeof file.form === "string" ? (files[`form/${file.form}.json`] as FormFile).service : file.form;
      using form = api.ServiceForm.fromJson(described);
      for (const [key, hints] of Object.entries(file.hints)) {
        attempt(folder, `${path}: ${key}`, () => expect(`${path}: ${key}`, sorted(form.field(key)?.input), sorted(hints)));
      }
      for (const one of file.field) {
        const at = `${path}: ${one.name}`;
        attempt(folder, at, () => {
          if (one.fields.length === 0) {
            // JavaScript throws where the core has a finding: a page asks of its own fields only.
            try {
              form.checkField(one.key, "x", one.answers);
              failures.push(`${at}: nothing was thrown`);
            } catch (error) {
              expect(at, api.isSportelloError(error, "answers.no_field"), true);
            }
            return;
          }
          if (one.findings.some((finding) => finding.code === "answer.duplicate")) {
            // Two answers to one field can't be given to a call that names the field and its value.
            return;
          }
          const key = Object.keys(one.answers).find((name) => form.field(name)?.key === form.field(one.key)?.key);
          const report = form.checkField(one.key, key === undefined ? undefined : one.answers[key], one.answers);
          expect(at, report.fields, one.fields);
          expect(at, report.wholeForm, one.whole_form);
          compare(at, report.findings, one.findings, true, expect);
        });
      }
      for (const one of file.required) {
        attempt(folder, `${path}: ${one.name}`, () => expect(`${path}: ${one.name}`, form.required(one.answers), one.required));
      }
      for (const one of file.corrected) {
        attempt(folder, `${path}: ${one.name}`, () => expect(`${path}: ${one.name}`, form.corrected(one.answers), one.corrected));
      }
    } else if (path === "codice_fiscale/decode.json") {
      for (const one of (content as DecodeFile).cases) {
        attempt(folder, one.code, () => {
          const code = api.CodiceFiscale.parse(one.code);
          const { canonical, isOmocodia, sex, birthDates, birthplace } = code;
          expect(one.code, [canonical, isOmocodia, sex, birthDates, birthplace], [one.canonical, one.omocodia, one.sex, one.birth_dates, one.birthplace]);
        });
      }
    }
  }
  return { counts, failures };
}

function sorted(hints: InputHints | undefined): unknown {
  return hints && Object.fromEntries(Object.entries(hints).sort(([one], [other]) => (one < other ? -1 : 1)));
}

// A position that a case does not give is not compared.
function compare(
  at: string,
  found: Finding[],
  expected: Expected[],
  field: boolean,
  expect: (at: string, found: unknown, expected: unknown) => void,
): void {
  const line = (it: Finding | Expected, position: boolean): unknown[] => [
    ...(field ? [it.field ?? null] : []),
    it.code,
    it.severity,
    ...(position ? [it.position] : []),
  ];
  expect(
    at,
    found.map((it, index) => line(it, expected[index]?.position !== undefined)),
    expected.map((it) => line(it, it.position !== undefined)),
  );
}

import { SportelloError, guarded } from "./error.js";
import { Attachment, numberOf, unreadable } from "./file.js";
import { library } from "./native.js";
import type { StandardSchema, StandardIssue, StandardResult } from "./standard.js";
import { findingText, wordsOf } from "./text.js";
import type { Answer, Answers, Field, FieldReport, Finding, Lang, MissingSets, Report, ServiceInfo } from "./types.js";
import { type Native, type NativeForm, isOk, keys, plain, readFindings, readReport, readService } from "./wire.js";

/** How a form is made. */
export interface FormOptions {
  /** The language of Standard Schema's messages. Italian otherwise. */
  lang?: Lang;
}

/** What a service asks for, compiled once. */
export class ServiceForm {
  readonly #native: Native;
  readonly #raw: NativeForm;
  readonly #places = new Map<string, number>();
  readonly #lang: Lang;
  /** What the service is and costs. */
  readonly service: Readonly<ServiceInfo>;
  /** The fields in display order. */
  readonly fields: readonly Field[];

  private constructor(native: Native, raw: NativeForm, lang: Lang) {
    this.#native = native;
    this.#raw = raw;
    this.#lang = lang;
    const { service, fields } = readService(raw.describe());
    this.service = service;
    this.fields = fields;
    for (const [index, field] of fields.entries()) {
      this.#places.set(field.key, index);
      const role = field.recognised?.role;
      if (role) {
        Object.defineProperty(field, "words", { enumerable: true, get: () => wordsOf(role) });
      }
    }
  }

  /**
   * A form from the description of a service, of the provider's or a relay's, with or without the envelope around it.
   *
   * @throws {SportelloError} `schema.…`: the description is broken.
   */
  static fromJson(description: string | object, options: FormOptions = {}): ServiceForm {
    const native = library();
    const text = typeof description === "string" ? description : JSON.stringify(description);
    return new ServiceForm(native, guarded(() => native.Form.fromJson(text)), options.lang ?? "it");
  }

  /** The form that a client has fetched. */
  static of(raw: NativeForm, lang: Lang = "it"): ServiceForm {
    return new ServiceForm(library(), raw, lang);
  }

  /** The provider's id of the service. */
  get id(): string {
    return this.service.id;
  }

  /** The service's name. */
  get name(): string {
    return this.service.name;
  }

  /** The field that a key means: by key, then by slug (also in camel case), then by label. */
  field(key: string): Field | undefined {
    return this.fields[this.#place(key)];
  }

  /**
   * Checks answers. Wrong answers are findings, not errors.
   *
   * @throws {SportelloError} `answers.not_readable`: this is not an object of texts and files.
   */
  check(answers: Answers): Report {
    const values = this.#lay(answers);
    const text = values === undefined ? this.#raw.checkNamed(this.#pairs(answers)) : this.#raw.check(values);
    return readReport(text, this.fields);
  }

  /**
   * Checks one field and what depends on it, as it is typed: its own answer, those it is compared with (a name with its codice fiscale), and the rule where the field
   * is an alternative to others. `other` are the answers so far; `value` stands in for this field's.
   *
   * @throws {SportelloError} `answers.not_readable`; `answers.no_field`: the form has no such field.
   */
  checkField(key: string, value: Answer | null | undefined, other: Answers = {}): FieldReport {
    const index = this.#place(key);
    if (index < 0) {
      throw new SportelloError("answers.no_field", `the form has no field \`${key}\``);
    }
    const values = this.#lay(other, index, value) ?? this.#lay({}, index, value) ?? "";
    const text = this.#raw.checkField(values, index);
    const [fields, found] = text.split("\x1c") as [string, string];
    const wholeForm = fields.startsWith("!");
    const findings = found === "" ? [] : readFindings(found, this.fields);
    return { ok: isOk(findings), fields: keys(wholeForm ? fields.slice(1) : fields), wholeForm, findings };
  }

  /** The keys of the fields that the rule demands as things stand, filled or not. */
  required(answers: Answers = {}): string[] {
    return keys(this.#raw.required(this.#lay(answers, -1, undefined, true) ?? ""));
  }

  /** What would complete the answers. */
  missingSets(answers: Answers): MissingSets {
    return this.check(answers).missing;
  }

  /** The answers with every offered correction applied, to be checked again. Nothing else is changed. */
  corrected(answers: Answers, report: Report = this.check(answers)): Answers {
    const corrected = { ...answers };
    for (const { field, correction } of report.findings) {
      const name = Object.keys(answers).find((name) => this.field(name)?.key === field);
      const answer = name === undefined ? undefined : answers[name];
      if (name !== undefined && correction !== null && answer) {
        corrected[name] = typeof answer === "string" ? correction : { file: { ...answer.file, name: correction } };
      }
    }
    return corrected;
  }

  /** [Standard Schema](https://standardschema.dev) v1: errors are issues, warnings are not. Files as `File`, as what a file input holds, or as answers. */
  get "~standard"(): StandardSchema<Answers> {
    return { version: 1, vendor: "sportello", validate: (value) => this.#validate(value) };
  }

  /** Gives the memory back at once; otherwise the garbage collector does. */
  free(): void {
    this.#raw.free();
  }

  /** As `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** The compiled form, for the other parts of the library. */
  get raw(): NativeForm {
    return this.#raw;
  }

  #place(key: string): number {
    const known = this.#places.get(key);
    if (known !== undefined) {
      return known;
    }
    const index = this.#raw.indexOf(key);
    // Callers' keys are few; what is remembered of them is bounded all the same.
    if (this.#places.size < 4 * this.fields.length + 64) {
      this.#places.set(key, index);
    }
    return index;
  }

  /** The answers in the form's order; `undefined` when one is no field's or two are one field's, unless `leniently`: then those are left out. */
  #lay(answers: Answers, own = -1, value?: Answer | null, leniently = false): string | undefined {
    if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
      throw unreadable();
    }
    const values = new Array<string>(this.fields.length).fill("");
    const seen = own < 0 ? undefined : own;
    let taken = 0;
    for (const key in answers) {
      const answer = answers[key];
      if (answer === undefined || answer === null) {
        continue;
      }
      const index = this.#place(key);
      if (index >= 0 && index === seen) {
        continue;
      }
      const bit = index < 31 ? 1 << index : 0;
      if (index < 0 || taken & bit || (bit === 0 && values[index] !== "")) {
        if (own >= 0 || leniently) {
          continue;
        }
        return undefined;
      }
      taken |= bit;
      values[index] = this.#flat(answer);
    }
    if (own >= 0 && value !== undefined && value !== null) {
      values[own] = this.#flat(value);
    }
    return values.join("\0");
  }

  #pairs(answers: Answers): string {
    const pairs: string[] = [];
    for (const [key, answer] of Object.entries(answers)) {
      if (answer !== undefined && answer !== null) {
        pairs.push(plain(key), this.#flat(answer));
      }
    }
    return pairs.join("\0");
  }

  #flat(answer: Answer): string {
    if (typeof answer === "string") {
      return plain(answer);
    }
    const file = answer?.file;
    if (typeof file?.name !== "string" || typeof file.mime !== "string" || typeof file.size !== "number") {
      throw unreadable();
    }
    return `\x02${numberOf(this.#native, file)}`;
  }

  #validate(value: unknown): StandardResult<Answers> | Promise<StandardResult<Answers>> {
    if (typeof value !== "object" || value === null) {
      return { issues: [{ message: unreadable().message }] };
    }
    const ready: Answers = {};
    const waiting: Promise<void>[] = [];
    for (const [key, held] of Object.entries(value)) {
      // A file input holds a list.
      const one: unknown = typeof FileList !== "undefined" && held instanceof FileList ? held[0] : held;
      if (typeof Blob !== "undefined" && one instanceof Blob) {
        waiting.push(Attachment.from(one).then((answer) => void (ready[key] = answer)));
      } else {
        ready[key] = one as Answer | null | undefined;
      }
    }
    return waiting.length === 0 ? this.#issues(ready) : Promise.all(waiting).then(() => this.#issues(ready));
  }

  #issues(answers: Answers): StandardResult<Answers> {
    let report: Report;
    try {
      report = this.check(answers);
    } catch (error) {
      return { issues: [{ message: (error as Error).message }] };
    }
    if (report.ok) {
      return { value: answers };
    }
    const issue = (finding: Finding): StandardIssue => {
      // Under the name that the caller's form has for it.
      const names = Object.keys(answers).filter((name) => this.field(name)?.key === finding.field);
      const name = names.find((name) => answers[name] !== undefined && answers[name] !== null) ?? names[0];
      const message = findingText(finding, this.#lang);
      return finding.field === null ? { message } : { message, path: [name ?? finding.field] };
    };
    return { issues: report.findings.filter((finding) => finding.severity === "error").map(issue) };
  }
}

/** A service read from its description: `Service.fromJson(text).form` is `ServiceForm.fromJson(text)`. */
export class Service {
  private constructor(readonly form: ServiceForm) {}

  /**
   * A service from its description.
   *
   * @throws {SportelloError} `schema.…`: the description is broken.
   */
  static fromJson(description: string | object, options: FormOptions = {}): Service {
    return new Service(ServiceForm.fromJson(description, options));
  }

  /** What it is and costs. */
  get info(): Readonly<ServiceInfo> {
    return this.form.service;
  }
}

/**
 * Checks one value against a kind of field (`codice_fiscale`, `date`), without any form.
 *
 * @throws {SportelloError} `check.kind_unknown`: there is no such kind.
 */
export function checkValue(kind: string, value: string): Finding[] {
  return readFindings(guarded(() => library().checkValue(kind, plain(value))), []);
}

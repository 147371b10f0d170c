import { flat } from "./described.js";
import { SportelloError } from "./error.js";
import { Attachment, numberOf, unreadable } from "./file.js";
import { library } from "./native.js";
import type { Room } from "./room.js";
import type { StandardSchema, StandardIssue, StandardResult } from "./standard.js";
import { findingText, wordsOf } from "./text.js";
import type { Answer, Answers, Field, FieldReport, Finding, Lang, MissingSets, Report, ServiceInfo } from "./types.js";
import { isOk, readFindings, readPlaces, readReport, readService } from "./wire.js";

/** How a form is made. */
export interface FormOptions {
  /** The language of Standard Schema's messages. Italian otherwise. */
  lang?: Lang;
}

const forgotten = new FinalizationRegistry<{ room: Room; number: number }>(({ room, number }) => {
  room.native.formFree(number);
});

/** In place of the number of a form that was given back. */
const FREED = 0xffffffff;

/** What a service asks for, compiled once. */
export class ServiceForm {
  readonly #room: Room;
  #number: number;
  readonly #places = new Map<string, number>();
  readonly #lang: Lang;
  /** What was given for each field, in the form's order, until it is written: a text, the number of a file, or nothing. */
  readonly #laid: (string | number | undefined)[];
  /** What the service is and costs. */
  readonly service: Readonly<ServiceInfo>;
  /** The fields in display order. */
  readonly fields: readonly Field[];

  private constructor(room: Room, number: number, lang: Lang) {
    this.#room = room;
    this.#number = number;
    this.#lang = lang;
    forgotten.register(this, { room, number }, this);
    const answer = room.native.describe(number);
    room.said(answer);
    const { service, fields } = readService(room.answerText(answer));
    this.service = service;
    this.fields = fields;
    this.#laid = new Array<string | undefined>(fields.length).fill(undefined);
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
    const room = library();
    let parsed: unknown = description;
    if (typeof description === "string") {
      try {
        parsed = JSON.parse(description);
      } catch {
        throw new SportelloError("schema.not_json", "the service's description is not JSON");
      }
    }
    room.begin(1);
    room.bytes(flat(parsed));
    return ServiceForm.kept(room.said(room.native.formNew()) - 1, options);
  }

  /** A form that the compiled library keeps under this number, for the other parts of the library. */
  static kept(number: number, options: FormOptions = {}): ServiceForm {
    return new ServiceForm(library(), number, options.lang ?? "it");
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
    const room = this.#room;
    if (this.#lay(answers)) {
      this.#write();
      const answer = room.native.check(this.#number);
      room.said(answer);
      return readReport(room, answer, this.fields);
    }
    const given = Object.entries(answers).filter((pair): pair is [string, Answer] => pair[1] !== undefined && pair[1] !== null);
    // Files first: they are written into the same room.
    const flat = given.map(([, answer]) => this.#flat(answer));
    room.begin(2 * given.length);
    for (const [index, [key]] of given.entries()) {
      room.text(key);
      this.#put(flat[index]);
    }
    const answer = room.native.checkNamed(this.#number, given.length);
    room.said(answer);
    return readReport(room, answer, this.fields);
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
    const room = this.#room;
    this.#lay(other, index, value);
    this.#write();
    const answer = room.native.checkField(this.#number, index);
    const said = room.said(answer);
    const { findings } = readFindings(room, answer, this.fields);
    const fields = readPlaces(room, answer, said >>> 1).map((place) => this.fields[place]!.key);
    return { ok: isOk(findings), fields, wholeForm: (said & 1) === 1, findings };
  }

  /** The keys of the fields that the rule demands as things stand, filled or not. */
  required(answers: Answers = {}): string[] {
    const room = this.#room;
    this.#lay(answers, -1, undefined, true);
    this.#write();
    const answer = room.native.required(this.#number);
    room.said(answer);
    const required = readPlaces(room, answer, this.fields.length);
    return this.fields.filter((_, place) => required[place] === 1).map((field) => field.key);
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
    if (this.#number !== FREED) {
      forgotten.unregister(this);
      this.#room.native.formFree(this.#number);
      this.#number = FREED;
    }
  }

  /** As `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** The number under which the compiled library keeps this form, for the other parts of the library. */
  get number(): number {
    return this.#number;
  }

  #place(key: string): number {
    const known = this.#places.get(key);
    if (known !== undefined) {
      return known;
    }
    const room = this.#room;
    room.begin(1);
    room.text(key);
    const index = room.said(room.native.indexOf(this.#number)) - 1;
    // Callers' keys are few; what is remembered of them is bounded all the same.
    if (this.#places.size < 4 * this.fields.length + 64) {
      this.#places.set(key, index);
    }
    return index;
  }

  /** Lays the answers in the form's order; false when one is no field's or two are one field's, unless `leniently`: then those are left out. */
  #lay(answers: Answers, own = -1, value?: Answer | null, leniently = own >= 0): boolean {
    if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
      throw unreadable();
    }
    const laid = this.#laid;
    laid.fill(undefined);
    if (own >= 0) {
      // So that the same field among the others is taken for a second answer.
      laid[own] = value === undefined || value === null ? "" : this.#flat(value);
    }
    for (const key in answers) {
      const answer = answers[key];
      if (answer === undefined || answer === null) {
        continue;
      }
      const index = this.#place(key);
      if (index < 0 || laid[index] !== undefined) {
        if (leniently) {
          continue;
        }
        return false;
      }
      laid[index] = this.#flat(answer);
    }
    return true;
  }

  /** An answer as it is written: a text, or the number of a file, which is written by itself. */
  #flat(answer: Answer): string | number {
    if (typeof answer === "string") {
      return answer;
    }
    const file = answer?.file;
    if (typeof file?.name !== "string" || typeof file.mime !== "string" || typeof file.size !== "number") {
      throw unreadable();
    }
    return numberOf(this.#room, file);
  }

  #write(): void {
    const laid = this.#laid;
    this.#room.begin(laid.length);
    for (let place = 0; place < laid.length; place += 1) {
      this.#put(laid[place]);
    }
  }

  #put(flat: string | number | undefined): void {
    if (typeof flat === "string") {
      this.#room.text(flat);
    } else if (flat === undefined) {
      this.#room.absent();
    } else {
      this.#room.file(flat);
    }
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
  const room = library();
  room.begin(2);
  room.text(kind);
  room.text(value);
  const answer = room.native.checkValue();
  room.said(answer);
  return readFindings(room, answer, []).findings;
}

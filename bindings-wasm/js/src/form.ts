import * as glue from "./glue.js";
import { SportelloError, guarded } from "./error.js";
import type { Answers, FieldInfo, Finding, Lang, Report } from "./types.js";

let loaded = false;

/** Called by whoever loaded the `.wasm`. */
export function markLoaded(): void {
  loaded = true;
}

/** Throws until the library has been loaded. */
export function ready(): void {
  if (!loaded) {
    throw new SportelloError("library.not_loaded", "call `await init()` once, before anything else");
  }
}

/** What a service asks for. */
export class ServiceForm {
  readonly #raw: glue.ServiceForm;

  private constructor(raw: glue.ServiceForm) {
    this.#raw = raw;
  }

  /**
   * A form from the provider's description of a service, with or without the envelope around it.
   *
   * @throws {SportelloError} `schema.…`: the description is broken.
   */
  static fromJson(text: string): ServiceForm {
    ready();
    return new ServiceForm(guarded(() => glue.ServiceForm.fromJson(text)));
  }

  /** The provider's id of the service. */
  get id(): string {
    return this.#raw.id;
  }

  /** The service's name. */
  get name(): string {
    return this.#raw.name;
  }

  /**
   * Checks answers. Wrong answers are findings, not errors.
   *
   * @throws {SportelloError} `answers.not_readable`: this is not an object of texts and files.
   */
  check(answers: Answers): Report {
    return guarded(() => this.#raw.check(answers)) as Report;
  }

  #fields: FieldInfo[] | undefined;

  /** The fields in display order, and what an input for each can be told. */
  get fields(): FieldInfo[] {
    this.#fields ??= this.#raw.fields() as FieldInfo[];
    return this.#fields;
  }

  /**
   * The keys of what the rule demands as things stand, filled or not.
   *
   * @throws {SportelloError} `answers.not_readable`: this is not an object of texts and files.
   */
  required(answers: Answers): string[] {
    return guarded(() => this.#raw.required(answers)) as string[];
  }

  /** Gives the memory back at once; otherwise the garbage collector does. */
  free(): void {
    this.#raw.free();
  }
}

/**
 * Checks one value against a kind of field (`codice_fiscale`, `date`), without any form.
 *
 * @throws {SportelloError} `check.kind_unknown`: there is no such kind.
 */
export function checkValue(kind: string, value: string): Finding[] {
  ready();
  return guarded(() => glue.checkValue(kind, value)) as Finding[];
}

/** What to tell the person about a finding. */
export function findingText(finding: Finding, lang: Lang = "it"): string {
  return finding.texts[lang];
}

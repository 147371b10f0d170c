// What passes between JavaScript and the core; `bindings-wasm/src/wire.rs` is the other side and says how it looks.
import { CODES } from "./tables.js";
import { allTexts } from "./text.js";
import type { Field, FieldKind, Finding, InputHints, MissingSets, Report, ServiceInfo } from "./types.js";

/** The compiled library, whichever of the two is loaded. */
export interface Native {
  Form: { fromJson(text: string): NativeForm };
  fileNew(name: string, mime: string, size: number, head: Uint8Array, tail: Uint8Array): number;
  fileFree(number: number): void;
  checkValue(kind: string, value: string): string;
  codiceFiscale(text: string): string;
  coherence(
    code: string,
    surname?: string | null,
    name?: string | null,
    sex?: string | null,
    birthDate?: string | null,
    birthplace?: string | null,
  ): string;
}

/** A form of the compiled library. */
export interface NativeForm {
  describe(): string;
  indexOf(key: string): number;
  check(values: string): string;
  checkNamed(pairs: string): string;
  checkField(values: string, field: number): string;
  required(values: string): string;
  free(): void;
}

/** What a finding's field is, by its place. */
export interface Place {
  key: string;
  label: string;
  kind: FieldKind;
}

const NONE: MissingSets = { sets: [], more: 0 };

/** Findings of a text. */
export function readFindings(text: string, places: readonly Place[]): Finding[] {
  return text === "" ? [] : text.split("\x1e").map((one) => readFinding(one, places));
}

function readFinding(text: string, places: readonly Place[]): Finding {
  const parts = text.split("\x1f");
  const [number, where, position, correction] = parts as [string, string, string, string];
  const [code, isError] = CODES[Number(number)]!;
  const place = where === "" || where.startsWith("?") ? undefined : places[Number(where)];
  const params: Finding["params"] = {};
  for (let at = 4; at + 1 < parts.length; at += 2) {
    params[parts[at]!] = readParam(parts[at + 1]!, place);
  }
  return {
    field: place?.key ?? (where === "" ? null : where.slice(1)),
    code,
    severity: isError ? "error" : "warning",
    position: position === "" ? null : Number(position),
    params,
    correction: correction === "" ? null : correction.slice(1),
    get texts() {
      return allTexts(this);
    },
  };
}

function readParam(text: string, place: Place | undefined): number | string | string[] {
  const value = text.slice(1);
  switch (text[0]) {
    case "n":
      return Number(value);
    case "l":
      return value === "" ? [] : value.split("\x1d");
    case "L":
      return place?.label ?? "";
    default:
      return value;
  }
}

/** A report of a text. */
export function readReport(text: string, places: readonly Place[]): Report {
  if (text === "") {
    return { ok: true, findings: [], missing: { ...NONE, sets: [] } };
  }
  const [findingsText, missingText, ...groups] = text.split("\x1c") as [string, string?, ...string[]];
  const findings = readFindings(findingsText, places);
  const [more, ...sets] = missingText?.split("\x1e") ?? ["0"];
  const missing: MissingSets = { sets: sets.map(keys), more: Number(more) };
  if (groups.length > 0) {
    missing.groups = groups.map((group) => (group === "" ? [] : group.split("\x1e").map(keys)));
  }
  return { ok: isOk(findings), findings, missing };
}

/** No error among them. */
export function isOk(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.severity !== "error");
}

/** Keys of a text. */
export function keys(text: string): string[] {
  return text === "" ? [] : text.split("\x1f");
}

/** A text without the two characters that mean something on the way: any other that can't be seen is refused just the same. */
export function plain(text: string): string {
  return text.includes("\0") || text.includes("\x02") ? text.replace(/[\0\x02]/g, "\x01") : text;
}

/** A service and its fields of a text. */
export function readService(text: string): { service: ServiceInfo; fields: Field[] } {
  const [own, ...fields] = text.split("\x1e") as [string, ...string[]];
  const [id, name, category, price, searchPrice, hasSearch, isSynchronous, instructionsHtml, searchInstructionsHtml, options] =
    own.split("\x1f") as string[] as Ten;
  const service: ServiceInfo = {
    id,
    name,
    category,
    price: price || null,
    searchPrice: searchPrice || null,
    hasSearch: hasSearch === "1",
    isSynchronous: isSynchronous === "1",
    options: groups(options, 3).map(([name, wireName, price]) => ({ name: name!, wireName: wireName!, price: price! })),
    instructionsHtml,
    searchInstructionsHtml,
  };
  return { service, fields: fields.map(readField) };
}

type Ten = [string, string, string, string, string, string, string, string, string, string];

function readField(text: string): Field {
  const parts = text.split("\x1f");
  const part = (at: number): string => parts[at] ?? "";
  const role = part(8) as NonNullable<Field["recognised"]>["role"] | "";
  return {
    key: part(0),
    slug: part(1),
    label: part(2),
    kind: part(3) as FieldKind,
    wireKind: part(4),
    help: part(5),
    choices: groups(part(17), 2).map(([code, description]) => ({ code: code!, description: description! })),
    declaredNullable: part(6) === "" ? null : part(6) === "1",
    required: part(7) === "1",
    recognised: role === "" ? null : { role, subject: part(9) as "applicant", number: Number(part(15)) },
    input: {
      autocomplete: (part(10) || null) as InputHints["autocomplete"],
      inputMode: part(11) as InputHints["inputMode"],
      inputType: part(12) as InputHints["inputType"],
      capitalize: part(13) as InputHints["capitalize"],
      spellcheck: part(14) === "1",
      accept: groups(part(16), 1).flat(),
    },
  };
}

/** The items of a list, each followed by a mark, so many together. */
function groups(text: string, size: number): string[][] {
  const items = text.split("\x1d").slice(0, -1);
  return Array.from({ length: items.length / size }, (_, at) => items.slice(at * size, (at + 1) * size));
}

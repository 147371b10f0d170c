// What the core says; `bindings-wasm/src/wire.rs` is the other side and says how it looks.
import type { Room } from "./room.js";
import { CODES } from "./tables.js";
import { allTexts } from "./text.js";
import type { Field, FieldKind, Finding, InputHints, MissingSets, Report, ServiceInfo } from "./types.js";

/** What a finding's field is, by its place. */
export interface Place {
  key: string;
  label: string;
  kind: FieldKind;
}

/** The words before the findings of an answer, and those of each. */
const HEADER = 4;
const EACH = 4;
/** In a finding's first word: the label of its field belongs to its particulars. */
const LABEL = 1 << 8;

/** The findings of an answer, and where the rest of its text begins. */
export function readFindings(room: Room, answer: number, places: readonly Place[]): { findings: Finding[]; end: number } {
  const findings: Finding[] = [];
  let end = 0;
  if (answer !== 0) {
    const count = room.word(answer, 0);
    for (let at = HEADER; at < HEADER + EACH * count; at += EACH) {
      const length = room.word(answer, at + 3);
      const place = places[room.word(answer, at + 1) - 1];
      const [code, isError] = CODES[room.word(answer, at) & (LABEL - 1)]!;
      const position = room.word(answer, at + 2);
      const finding: Finding = {
        field: place === undefined ? null : place.key,
        code,
        severity: isError ? "error" : "warning",
        position: position === 0 ? null : position - 1,
        params: {},
        correction: null,
        get texts() {
          return allTexts(this);
        },
      };
      if (length > 0) {
        readParticulars(room.answerText(answer, end, length), finding);
        end += length;
      }
      if (place !== undefined && room.word(answer, at) & LABEL) {
        finding.params["label"] = place.label;
      }
      findings.push(finding);
    }
  }
  return { findings, end };
}

function readParticulars(text: string, finding: Finding): void {
  const [field, correction, ...params] = text.split("\x1f") as [string, string, ...string[]];
  if (field !== "") {
    finding.field = field.slice(1);
  }
  if (correction !== "") {
    finding.correction = correction.slice(1);
  }
  for (let at = 0; at + 1 < params.length; at += 2) {
    const value = params[at + 1]!;
    const own = value.slice(1);
    finding.params[params[at]!] = value.startsWith("n") ? Number(own) : value.startsWith("l") ? own.split("\x1d").slice(0, -1) : own;
  }
}

/** The places of an answer's fields, which stand behind its findings. */
export function readPlaces(room: Room, answer: number, count: number): number[] {
  const from = HEADER + EACH * room.word(answer, 0);
  return Array.from({ length: count }, (_, at) => room.word(answer, from + at));
}

/** The report of an answer. */
export function readReport(room: Room, answer: number, places: readonly Place[]): Report {
  if (answer === 0) {
    return { ok: true, findings: [], missing: { sets: [], more: 0 } };
  }
  const { findings, end } = readFindings(room, answer, places);
  const missing: MissingSets = { sets: [], more: 0 };
  if (end < room.word(answer, 2)) {
    const key = (place: string): string => places[Number(place)]?.key ?? "";
    const sets = (text: string): string[][] => text.split("\x1e").slice(1).map((set) => set.split("\x1f").slice(0, -1).map(key));
    const [own, ...groups] = room.answerText(answer, end).split("\x1c") as [string, ...string[]];
    missing.sets = sets(own);
    missing.more = Number.parseInt(own, 10);
    if (groups.length > 0) {
      missing.groups = groups.map(sets);
    }
  }
  return { ok: isOk(findings), findings, missing };
}

/** No error among them. */
export function isOk(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.severity !== "error");
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

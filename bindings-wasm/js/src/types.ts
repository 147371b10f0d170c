import type { FieldKind, FieldRole, FindingCode } from "./tables.js";

export type { FieldKind, FieldRole, FindingCode } from "./tables.js";

/** The language of a text. */
export type Lang = "it" | "en" | "fr" | "de";

/** `error`: the provider would refuse it, or it is surely wrong. `warning`: somebody should look. */
export type Severity = "error" | "warning";

/** One thing to correct or to look at. Holds no answer, except in an offered correction. */
export interface Finding {
  /** The field's key; `null` for a finding about the whole form. */
  field: string | null;
  /** The stable dotted code: what programs branch on. */
  code: FindingCode;
  severity: Severity;
  /** The first wrong character, counted in characters from 0, where there is one. */
  position: number | null;
  /** Particulars for the text: numbers and names of fields and types, never what was typed. */
  params: Record<string, number | string | string[]>;
  /** A value that would be right: to be offered, never put in silently. Personal data. */
  correction: string | null;
  /**
   * What to tell the person, in every language that is loaded: all four with `sportello`, Italian and what was added by `addTexts` with `sportello/check`.
   * Made when it is read.
   */
  texts: Record<Lang, string>;
}

/** The smallest sets of fields that would complete the answers. */
export interface MissingSets {
  /** At most eight, smallest first; any one of them is enough. */
  sets: string[][];
  /** How many more were found; at least 1 when they were too many to be worked out. */
  more: number;
  /** Where they were too many: groups that must each be satisfied, with the alternatives of each. */
  groups?: string[][][];
}

/** What a check found. */
export interface Report {
  /** True when there is no error; warnings may be there. */
  ok: boolean;
  /** In the form's order. */
  findings: Finding[];
  missing: MissingSets;
}

/** What a check of one field found. */
export interface FieldReport {
  /** No error among these findings. */
  ok: boolean;
  /** The keys of the fields that these findings speak for; what an earlier report says of them is out of date. */
  fields: string[];
  /** True when the findings about the whole form were looked at as well. */
  wholeForm: boolean;
  /** In the form's order. */
  findings: Finding[];
}

/** A file as far as a check needs it: `await Attachment.from(file)` makes one. */
export interface FileDescriptor {
  /** The file's name as the person knows it. */
  name: string;
  /** The declared type: `application/pdf`. */
  mime: string;
  /** The size in bytes. */
  size: number;
  /** The first 4 KiB, as bytes or in base64. */
  head?: Uint8Array | string;
  /** The last 64 KiB, as bytes or in base64. */
  tail?: Uint8Array | string;
}

/** An answer that is a file. */
export interface FileAnswer {
  file: FileDescriptor;
}

/** A text, or a file. */
export type Answer = string | FileAnswer;

/** Answers by field key (`$4`), slug (`codice_fiscale`) or label (`CODICE FISCALE`). What is `undefined` or `null` was not answered. */
export type Answers = Record<string, Answer | null | undefined>;

/** What an input can be told about a field. */
export interface InputHints {
  /** The value for HTML's `autocomplete`; `null` leaves it to the browser. */
  autocomplete: "given-name" | "family-name" | "bday" | "sex" | "email" | "tel" | "organization" | "off" | null;
  /** HTML's `inputmode`. */
  inputMode: "text" | "email" | "tel" | "numeric" | "none";
  /** HTML's `type`; `select` for a closed list. Dates are text, `dd-mm-yyyy`. */
  inputType: "text" | "email" | "tel" | "file" | "select";
  /** HTML's `autocapitalize`. */
  capitalize: "none" | "sentences" | "words" | "characters";
  /** HTML's `spellcheck`. */
  spellcheck: boolean;
  /** What HTML's `accept` lists, joined by commas there; empty for what is no file. */
  accept: string[];
}

/** Whose data a field asks for. */
export type Subject = "applicant" | "spouse" | "child" | "parent" | "deceased" | "representative";

/** One field of a form. */
export interface Field {
  /** The key the rule and the wire use: `$0`, `field0`. */
  key: string;
  /** A readable key made of the label: `codice_fiscale`. Unique within the form. */
  slug: string;
  /** The provider's label, in Italian. */
  label: string;
  kind: FieldKind;
  /** The provider's own name of the kind. */
  wireKind: string;
  /** The provider's help; **untrusted** markup, empty when there is none. */
  help: string;
  /** The closed list of values, where there is one. */
  choices: { code: string; description: string }[];
  /** The provider's own "may be null". It does not decide what is required: the rule does. */
  declaredNullable: boolean | null;
  /** True when no answers can satisfy the rule without this field. */
  required: boolean;
  /** What it asks for beyond its kind, and whose, where that is recognised. */
  recognised: { role: FieldRole; subject: Subject; number: number } | null;
  input: InputHints;
  /** Label and help for people, in the languages that are loaded, where the field is recognised. */
  words?: Partial<Record<Lang, { label: string; help: string }>>;
}

/** A paid extra of a service. */
export interface PaidOption {
  /** What a caller names: `urgenza`. */
  name: string;
  /** What the wire names. */
  wireName: string;
  /** Its net price in euro, a decimal text: `"4.00"`. */
  price: string;
}

/** What a service is and costs. Prices are net, in euro, decimal texts such as `"19.00"`; `null` where the provider gave none that can be read. */
export interface ServiceInfo {
  /** The provider's id. */
  id: string;
  name: string;
  category: string;
  price: string | null;
  /** Of one search. */
  searchPrice: string | null;
  /** True when handing in starts a search whose results are then chosen from. */
  hasSearch: boolean;
  /** True when the answer to handing in already holds the result. */
  isSynchronous: boolean;
  options: PaidOption[];
  /** Instructions as the provider gives them: **untrusted** HTML. */
  instructionsHtml: string;
  /** The same for the choice among search results. */
  searchInstructionsHtml: string;
}

/** The language of a text. */
export type Lang = "it" | "en" | "fr" | "de";

/** `error`: the provider would refuse it, or it is surely wrong. `warning`: somebody should look. */
export type Severity = "error" | "warning";

/** One thing to correct or to look at. Holds no answer, except in an offered correction. */
export interface Finding {
  /** The field's key; `null` for a finding about the whole form. */
  field: string | null;
  /** The stable dotted code: what programs branch on. */
  code: string;
  severity: Severity;
  /** The first wrong character, counted in characters from 0, where there is one. */
  position: number | null;
  /** Particulars for the text: numbers and names of fields and types, never what was typed. */
  params: Record<string, number | string | string[]>;
  /** A value that would be right: to be offered, never put in silently. Personal data. */
  correction: string | null;
  /** What to tell the person. */
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

/** A file as far as a check needs it. */
export interface FileDescriptor {
  /** The file's name as the person knows it. */
  name: string;
  /** The declared type: `application/pdf`. */
  mime: string;
  /** The size in bytes. */
  size: number;
  /** The first 4 KiB, in base64. */
  head?: string;
  /** The last 64 KiB, in base64. */
  tail?: string;
}

/** A text, or a file. */
export type Answer = string | { file: FileDescriptor };

/** Answers by field key (`$4`), slug (`codice_fiscale`) or label (`CODICE FISCALE`). */
export type Answers = Record<string, Answer>;

/** One field of a form. */
export interface FieldInfo {
  /** The key that rule and wire use: `$0`. */
  key: string;
  /** A readable key made of the label. */
  slug: string;
  /** The provider's label, in Italian. */
  label: string;
  kind: string;
  /** The provider's help; untrusted. */
  help: string;
  choices: { code: string; description: string }[];
  /** True when no answers can satisfy the rule without it. */
  required: boolean;
  /** What it asks for beyond its kind, and whose, where that is recognised. */
  recognised: { role: string; subject: string; number: number } | null;
  /** What an input can be told: HTML's `autocomplete`, `inputmode`, `type` (or `select`), `autocapitalize`, `spellcheck`, `accept`. */
  input: {
    autocomplete: string | null;
    inputMode: string;
    inputType: string;
    capitalize: string;
    spellcheck: boolean;
    accept: string[];
  };
}

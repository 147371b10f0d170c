import type { Answers, FileAnswer, Finding, Lang, Report } from "../types.js";

/** What the renderer needs to know of a field; the fields of a `ServiceForm` are such. */
export interface FieldSource {
  key: string;
  /** The provider's own label, in Italian. */
  label: string;
  kind: string;
  /** The provider's help, as plain text in Italian; empty when there is none. */
  help: string;
  required: boolean;
  choices: readonly { code: string; description: string }[];
  recognised: { role: string } | null;
  /** Label and help for people, in each language, where the field is recognised. */
  words?: Partial<Record<Lang, { label: string | null; help: string | null }>>;
  /** What an input can be told. */
  input?: {
    autocomplete: string | null;
    inputMode: string;
    inputType: string;
    capitalize: string;
    spellcheck: boolean;
    accept: readonly string[];
  };
}

/** What the renderer needs of a form; a `ServiceForm` is one, and so is a server that checks. */
export interface FormSource {
  readonly fields: readonly FieldSource[];
  /** Checks answers; at once, or by asking somebody. */
  check(answers: Answers): Report | Promise<Report>;
  /** The keys of what is required as things stand; without it, what each field says of itself. */
  required?(answers: Answers): readonly string[];
  /** False where each check is a call over the network: then answers are checked when the person is done, not while they write. */
  readonly live?: boolean;
}

/** Makes answers of files. */
export interface FileTools {
  /** The descriptor of a file: `Attachment.from`. */
  from(file: File): Promise<FileAnswer>;
  /** One PDF of several photos: `pages`. Without it, each field takes one file as it is. */
  pages?(photos: readonly FileAnswer[]): Promise<FileAnswer>;
  /** The size limit in bytes that is told before choosing. */
  limit: number;
}

/** A finding's text for a person. */
export function findingText(finding: Finding, lang: Lang): string {
  return finding.texts[lang];
}

/** What stands beside a field. */
export interface FieldWords {
  label: string;
  /** True when the label is the provider's. */
  isProviders: boolean;
  /** The provider's own label, where it says something else than the label; in Italian. */
  provider: string | null;
  help: string | null;
  providerHelp: string | null;
}

/** The label in the reader's language, with the provider's own where it differs: only that one says whose the answer is. */
export function wordsOf(field: FieldSource, lang: Lang): FieldWords {
  const words = field.words?.[lang];
  const label = words?.label ?? field.label;
  return {
    label,
    isProviders: !words?.label,
    provider: letters(label) === letters(field.label) ? null : field.label,
    help: words?.help ?? null,
    providerHelp: field.help.trim() || null,
  };
}

/** Letters and digits alone, so that `E-mail` is `Email`. */
function letters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

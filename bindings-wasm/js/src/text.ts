import { SportelloError } from "./error.js";
import { CODES, ROLES } from "./tables.js";
import type { FieldRole, Finding, Lang } from "./types.js";

/** The texts of one language. */
export interface Texts {
  lang: Lang;
  /** By the number of the code; `{name}` is a parameter. */
  findings: readonly string[];
  /** Label and help by the number of the role. */
  roles: readonly (readonly [string, string] | readonly string[])[];
}

const loaded = new Map<Lang, Texts>();
const numbers = new Map(CODES.map(([code], number) => [code, number]));

/** Makes the texts of a language known: `addTexts(fr)` after `import { fr } from "sportello/texts/fr"`. */
export function addTexts(...texts: readonly Texts[]): void {
  for (const one of texts) {
    loaded.set(one.lang, one);
  }
}

/**
 * What to tell the person about a finding.
 *
 * @throws {SportelloError} `texts.not_loaded`: this language was not added.
 */
export function findingText(finding: Omit<Finding, "texts">, lang: Lang = "it"): string {
  const texts = loaded.get(lang);
  if (!texts) {
    throw new SportelloError(
      "texts.not_loaded",
      `the texts in \`${lang}\` are not here; \`import { ${lang} } from "sportello/texts/${lang}"\` and \`addTexts(${lang})\``,
      { lang },
    );
  }
  return render(finding, texts);
}

function render(finding: Omit<Finding, "texts">, texts: Texts): string {
  const template = texts.findings[numbers.get(finding.code) ?? -1] ?? finding.code;
  return template.replace(/\{(\w+)\}/g, (mark, name: string) => {
    const value = finding.params[name];
    if (Array.isArray(value)) {
      // Labels may hold commas.
      return value.join(name === "alternatives" ? " / " : ", ");
    }
    if (value !== undefined) {
      return String(value);
    }
    // For people, the first character is number one.
    return name === "position" && finding.position !== null ? String(finding.position + 1) : mark;
  });
}

/** The texts of a finding in every language that is loaded. */
export function allTexts(finding: Omit<Finding, "texts">): Record<Lang, string> {
  const texts: Partial<Record<Lang, string>> = {};
  for (const [lang, one] of loaded) {
    texts[lang] = render(finding, one);
  }
  return texts as Record<Lang, string>;
}

/** A finding with its texts, which are made when they are read. */
export function withTexts(finding: Omit<Finding, "texts">): Finding {
  return {
    ...finding,
    get texts() {
      return allTexts(this);
    },
  };
}

/** Label and help of a role in every language that is loaded. */
export function wordsOf(role: FieldRole): Partial<Record<Lang, { label: string; help: string }>> {
  const words: Partial<Record<Lang, { label: string; help: string }>> = {};
  for (const [lang, one] of loaded) {
    const [label, help] = one.roles[ROLES.indexOf(role)] ?? [];
    if (label !== undefined && help !== undefined) {
      words[lang] = { label, help };
    }
  }
  return words;
}

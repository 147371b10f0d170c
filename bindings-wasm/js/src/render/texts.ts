import type { Lang } from "../types.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";
import { fr } from "./texts/fr.js";
import { it } from "./texts/it.js";

/**
 * What the renderer itself says. Labels, help, findings and next steps are not here: they come from the core, in the same languages.
 * `{name}` marks are put in by {@link put}.
 */
export interface Texts {
  requiredLegend: string;
  required: string;
  errorsOne: string;
  errorsMany: string;
  warningsOne: string;
  warningsMany: string;
  error: string;
  warning: string;
  accept: string;
  useCorrection: string;
  choose: string;
  chooseFile: string;
  anotherFile: string;
  fileRules: string;
  twoPhotos: string;
  addBack: string;
  addPage: string;
  front: string;
  back: string;
  page: string;
  onePdf: string;
  chosen: string;
  removed: string;
  remove: string;
  goOn: string;
  instructions: string;
  reviewTitle: string;
  reviewLead: string;
  change: string;
  notGiven: string;
  priceTitle: string;
  extras: string;
  extraPrice: string;
  net: string;
  vat: string;
  gross: string;
  onChoice: string;
  handIn: string;
  onceOnly: string;
  toForm: string;
  sendingTitle: string;
  sendingLead: string;
  sendingFile: string;
  progressTitle: string;
  reference: string;
  done: string;
  current: string;
  toCome: string;
  stepDraft: string;
  stepCommitted: string;
  stepSearching: string;
  stepProcessing: string;
  stepReady: string;
  stepDelivered: string;
  cancelled: string;
  officeSays: string;
  receiptTitle: string;
  receiptLead: string;
  paid: string;
  nextTitle: string;
  expected: string;
  documents: string;
  download: string;
  print: string;
  problemTitle: string;
  problemNetwork: string;
  problemAnswers: string;
  problemPay: string;
  problemPerson: string;
  problemDuplicate: string;
  problemSession: string;
  problemOther: string;
  chargedNo: string;
  chargedYes: string;
  chargedUnknown: string;
  retry: string;
  code: string;
  noWasm: string;
  stepChoice: string;
  choiceTitle: string;
  choiceLead: string;
  resultName: string;
  pickResult: string;
  choosePay: string;
  noResults: string;
}

/** Puts values into the marks of a text. */
export function put(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}

/** An amount such as `"19.00"` as a reader of this language writes it. */
export function money(amount: string, lang: Lang): string {
  return new Intl.NumberFormat(lang, { style: "currency", currency: "EUR" }).format(Number(amount));
}

/** A file's size as a reader of this language writes it. */
export function fileSize(bytes: number, lang: Lang): string {
  // By 1024, as the core's own limit is told.
  const kilo = bytes / 1024;
  const [size, unit] = kilo < 1024 ? [Math.max(1, Math.round(kilo)), "kB"] : [kilo / 1024, "MB"];
  const mega = lang === "fr" ? unit.replace("B", "o") : unit;
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(size)}\u00a0${mega}`;
}

/** A moment in Unix milliseconds, in Italian time: that is where the office is. */
export function moment(at: number, lang: Lang): string {
  const style = { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Rome" } as const;
  return new Intl.DateTimeFormat(lang, style).format(at);
}

const all: Record<Lang, Texts> = { it, en, fr, de };

/** The renderer's texts in a language, with those put in their place that the page says otherwise. */
export function textsOf(lang: Lang, own: Partial<Texts> = {}): Texts {
  return { ...all[lang], ...own };
}

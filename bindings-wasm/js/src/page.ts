// What a page shows beside the verdicts.
import type { Estimate } from "./client/types.js";
import type { ServiceForm } from "./form.js";
import { fullLibrary } from "./native.js";
import type { Lang } from "./types.js";

interface Page {
  nextStep(progress: string, phase: string, hasNote: boolean): string;
  quote(form: number, options: string[]): string;
  instructions(form: number): string;
  deliveryEstimate(start: number): Float64Array;
}

/** What a submission will cost: decimal texts in euro. */
export interface Quote {
  /** Net, due when it is handed in. */
  dueNow: string;
  /** Net, due when a search result is chosen. */
  dueOnChoice: string;
  /** Both together. */
  total: string;
  vat: string;
  gross: string;
  options: string[];
}

/** What a person does next about a submission that has come so far (`processing`, `committed`), in every language. */
export function nextStep(progress: string, phase: string, hasNote = false): Record<Lang, string> {
  const [it, en, fr, de] = fullLibrary<Page>().nextStep(progress, phase, hasNote).split("\x1f") as [string, string, string, string];
  return { it, en, fr, de };
}

/** The price of a form's service with these options, by name; `null` when the provider gave none or has no such option. */
export function quote(form: ServiceForm, options: readonly string[] = []): Quote | null {
  const text = fullLibrary<Page>().quote(form.number, [...options]);
  if (text === "") {
    return null;
  }
  const [dueNow, dueOnChoice, total, vat, gross] = text.split("\x1f") as [string, string, string, string, string];
  return { dueNow, dueOnChoice, total, vat, gross, options: [...options] };
}

/** The provider's instructions as plain text, in Italian. */
export function instructionsText(form: ServiceForm): string {
  return fullLibrary<Page>().instructions(form.number);
}

/**
 * When documents can be expected: 24 to 48 working hours (Italian working days) after the office has everything it needs.
 *
 * @param start A `Date` or Unix milliseconds; now, where it is left out.
 */
export function deliveryEstimate(start: Date | number = Date.now()): Estimate {
  const [earliest = 0, latest = 0] = fullLibrary<Page>().deliveryEstimate(Number(start));
  return { earliest, latest };
}

/** What outlives a reload: how it is named and what was agreed. No answer is among it. */
export interface Kept {
  reference: string;
  confirmPrice: string;
  acceptWarnings: string[];
  options: string[];
  /** What the person saw: with VAT. */
  gross: string;
  /** Everything is with the relay, and the person has said yes. */
  isCommitting: boolean;
}

const KEY = "sportello-example";

/** The tab's memory of the request under way. */
export class Memory {
  get kept(): Kept | null {
    const text = sessionStorage.getItem(KEY);
    return text === null ? null : (JSON.parse(text) as Kept);
  }

  /** Keeps it, under the reference that it has or a new one. */
  keep(what: Omit<Kept, "reference" | "isCommitting">, isCommitting: boolean): Kept {
    const reference = this.kept?.reference ?? `auu-${crypto.randomUUID().slice(0, 13)}`;
    const { confirmPrice, acceptWarnings, options, gross } = what;
    const kept = { reference, confirmPrice, acceptWarnings, options, gross, isCommitting };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    return kept;
  }

  forget(): void {
    sessionStorage.removeItem(KEY);
  }
}

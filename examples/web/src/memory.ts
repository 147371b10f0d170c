/** What the tab knows of the request under way: how it is named and what was agreed. The answers are a sealed draft of the library's. */
export interface Kept {
  reference: string;
  confirmPrice: string;
  acceptWarnings: string[];
  options: string[];
  /** What the person saw: with VAT. */
  gross: string;
  /** The person has said yes to all that. */
  isAgreed: boolean;
}

const KEY = "sportello-example";

/** The tab's memory of the request under way. */
export class Memory {
  get kept(): Kept | null {
    const text = sessionStorage.getItem(KEY);
    return text === null ? null : (JSON.parse(text) as Kept);
  }

  /** The name of the request, made when the first answer is kept. */
  get reference(): string {
    return (this.kept ?? this.#write({ confirmPrice: "", acceptWarnings: [], options: [], gross: "", isAgreed: false })).reference;
  }

  /** What the person has agreed to. */
  agree(what: Omit<Kept, "reference" | "isAgreed">): Kept {
    return this.#write({ ...what, isAgreed: true });
  }

  /** Back to the answers: nothing is agreed any more. */
  disagree(): void {
    if (this.kept) {
      this.#write({ ...this.kept, isAgreed: false });
    }
  }

  forget(): void {
    sessionStorage.removeItem(KEY);
  }

  #write(what: Omit<Kept, "reference">): Kept {
    const kept = { ...what, reference: this.kept?.reference ?? `auu-${crypto.randomUUID().slice(0, 13)}` };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    return kept;
  }
}

/** One verb at a time is at work on a reference: within this program, and where the browser has locks within all tabs of its origin. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(private readonly prefix: string) {}

  /** Does something when its turn has come. Whoever stops waiting for it leaves the queue. */
  async take<T>(reference: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const name = `${this.prefix}/${reference}`;
    if (typeof navigator !== "undefined" && "locks" in navigator) {
      // A lock that is not had because nobody waits any more is no error here: the work then ends at its first step.
      const options = signal && !signal.aborted ? { signal } : {};
      let began = false;
      try {
        return (await navigator.locks.request(name, options, () => {
          began = true;
          return work();
        })) as T;
      } catch (error) {
        if (began || !signal?.aborted) {
          throw error;
        }
        return work();
      }
    }
    const before = this.#last.get(name) ?? Promise.resolve();
    const gone = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
    const mine = Promise.race([before, gone]).then(work);
    const over = Promise.allSettled([before, mine]);
    this.#last.set(name, over);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === over) {
        this.#last.delete(name);
      }
    }
  }
}

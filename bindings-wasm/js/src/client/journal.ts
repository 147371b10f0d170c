/** Where a client keeps what must survive a reload: texts under keys. No personal data is among them. */
export interface Journal {
  /** 32 random bytes, made once and kept as long as the texts: they turn what the journal must not hold into digests. */
  key(): Promise<Uint8Array>;
  /** The text under this key. */
  load(key: string): Promise<string | null>;
  /** Every text whose key begins so, in any order. */
  list(prefix: string): Promise<string[]>;
  /**
   * Compares and swaps, durably and in one transaction: when exactly `expect` stands under the key (`null`: nothing), puts `text` there (`null`: removes
   * it). Says what stands there now where it was not written.
   */
  store(key: string, expect: string | null, text: string | null): Promise<Stored>;
}

/** What became of storing. */
export interface Stored {
  written: boolean;
  current: string | null;
}

/** A journal that is gone with the page or the process: for tests, and for programs that hand nothing in. */
export function memoryJournal(): Journal {
  const texts = new Map<string, string>();
  const key = crypto.getRandomValues(new Uint8Array(32));
  return {
    key: () => Promise.resolve(key),
    load: (name) => Promise.resolve(texts.get(name) ?? null),
    list: (prefix) => Promise.resolve([...texts].filter(([name]) => name.startsWith(prefix)).map(([, text]) => text)),
    store(name, expect, text) {
      const current = texts.get(name) ?? null;
      if (current !== expect) {
        return Promise.resolve({ written: false, current });
      }
      if (text === null) {
        texts.delete(name);
      } else {
        texts.set(name, text);
      }
      return Promise.resolve({ written: true, current: text });
    },
  };
}

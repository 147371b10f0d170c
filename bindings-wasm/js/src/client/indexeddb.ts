import { Database, JOURNAL, KEYS } from "./database.js";
import type { Journal, Stored } from "./journal.js";

/**
 * The journal of a page: in the browser's IndexedDB, shared by all tabs and workers of the same origin.
 *
 * @param name The database; another one for another application of the same origin.
 */
export function indexedDbJournal(name = "sportello"): Journal {
  const database = new Database(name);
  let key: Promise<Uint8Array> | undefined;
  return {
    key() {
      key ??= keyOf(database, "journal").catch((error: unknown) => {
        key = undefined;
        throw error;
      });
      return key;
    },
    load: (name) =>
      database.within<string | null>(JOURNAL, "readonly", (store, give) => {
        read<string | undefined>(store.get(name), (text) => give(text ?? null));
      }),
    list: (prefix) =>
      database.within<string[]>(JOURNAL, "readonly", (store, give) => {
        read<string[]>(store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)), give);
      }),
    store: (name, expect, text) =>
      database.within<Stored>(JOURNAL, "readwrite", (store, give) => {
        read<string | undefined>(store.get(name), (stands) => {
          const current = stands ?? null;
          if (current !== expect) {
            return give({ written: false, current });
          }
          if (text === null) {
            store.delete(name);
          } else {
            store.put(text, name);
          }
          give({ written: true, current: text });
        });
      }),
  };
}

/** The key of this browser, made by whoever comes first. */
function keyOf(database: Database, name: string): Promise<Uint8Array> {
  const made = crypto.getRandomValues(new Uint8Array(32));
  return database.within<Uint8Array>(KEYS, "readwrite", (store, give) => {
    read<Uint8Array | undefined>(store.get(name), (stands) => {
      if (stands === undefined) {
        store.put(made, name);
      }
      give(stands ?? made);
    });
  });
}

function read<T>(request: IDBRequest, then: (value: T) => void): void {
  request.onsuccess = () => then(request.result as T);
}

// The page's IndexedDB: what the journal and the drafts have in common.
import { SportelloError } from "../error.js";

/** The stores, and what is in them. */
export const JOURNAL = "journal";
export const KEYS = "keys";
export const DRAFTS = "drafts";

const VERSION = 1;

/** A database, opened when it is first needed. */
export class Database {
  #opening: Promise<IDBDatabase> | undefined;

  constructor(private readonly name: string) {
    if (typeof indexedDB === "undefined") {
      throw new SportelloError("journal.unavailable", "there is no IndexedDB here; in Node give a journal of your own, or `memoryJournal()`");
    }
  }

  /** Does something in one transaction, durably; what it gave counts only once the transaction is through. */
  async within<T>(store: string, mode: IDBTransactionMode, work: (store: IDBObjectStore, give: (value: T) => void) => void): Promise<T> {
    const database = await this.#open();
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      let given: T;
      transaction.oncomplete = () => resolve(given);
      const failed = (): void => reject(unavailable(transaction.error));
      transaction.onabort = failed;
      transaction.onerror = failed;
      work(transaction.objectStore(store), (value) => {
        given = value;
      });
    });
  }

  #open(): Promise<IDBDatabase> {
    this.#opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.name, VERSION);
      request.onupgradeneeded = () => {
        for (const store of [JOURNAL, KEYS, DRAFTS]) {
          request.result.createObjectStore(store);
        }
      };
      request.onsuccess = () => {
        const database = request.result;
        // Another page, perhaps of a newer version, must not wait for this one; and a browser may close it.
        database.onversionchange = () => this.#close(database);
        database.onclose = () => this.#close(database);
        resolve(database);
      };
      request.onerror = () => reject(unavailable(request.error));
      request.onblocked = () => reject(unavailable(null));
    }).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  #close(database: IDBDatabase): void {
    database.close();
    this.#opening = undefined;
  }
}

function unavailable(cause: unknown): SportelloError {
  return new SportelloError("journal.unavailable", "the browser's IndexedDB can't be read or written", {}, { cause });
}

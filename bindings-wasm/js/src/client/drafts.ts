// What a person has typed and not handed in yet, kept in the browser: sealed, unless somebody asks for it not to be.
import { Attachment } from "../file.js";
import type { Answers, FileAnswer, FileDescriptor } from "../types.js";
import { DRAFTS, Database, KEYS } from "./database.js";

/** How drafts are kept. */
export interface DraftOptions {
  /**
   * Encrypted (AES-GCM, 256 bits) with a key that the browser makes and never gives out, not even to this page. Whatever is taken out of the database without the key
   * (an export, a script that sends its content elsewhere) is then worth nothing, and `forgetAll` makes every copy unreadable at once.
   *
   * It does **not** protect against a script in the page itself, which can ask for the drafts as the page does, nor against somebody who has the person's
   * browser profile: the key is kept there too. On a shared computer keep no drafts.
   */
  sealed: boolean;
  /** Older drafts are forgotten when this is opened: 7 days. */
  keepDays?: number;
  /** The database; as for `indexedDbJournal`. */
  name?: string;
}

/** A draft as it was kept. */
export interface Draft {
  reference: string;
  /** Files among them are whole again. */
  answers: Answers;
  /** What was kept beside them; plain JSON. */
  about: unknown;
  /** Unix milliseconds. */
  savedAt: number;
}

/** The drafts of a page. */
export interface Drafts {
  /** Keeps the answers under the reference that they will be handed in with. Files that are kept already are not written again. */
  keep(reference: string, answers: Answers, about?: unknown): Promise<void>;
  /** The draft of this reference; `null` when there is none, or none that can be read. */
  load(reference: string): Promise<Draft | null>;
  /** References of all drafts, the latest first. */
  list(): Promise<{ reference: string; savedAt: number }[]>;
  /** Forgets one: once it was handed in, and when the person says so. */
  forget(reference: string): Promise<void>;
  /** Forgets all, and the key: what may have been copied of them can't be read any more. */
  forgetAll(): Promise<void>;
}

/** A piece of what is kept: bytes as they are, or behind their initialisation vector. */
interface Piece {
  iv: Uint8Array<ArrayBuffer> | null;
  data: ArrayBuffer;
}

interface Head {
  savedAt: number;
  head: Piece;
}

interface Written {
  answers: Record<string, string | { name: string; mime: string; size: number; file: string }>;
  about: unknown;
}

/** How much of a file is sealed at once. */
const PIECE = 1024 * 1024;
const DAY = 24 * 3600 * 1000;
/** Stands between a reference and the name of its file; no reference has it. */
const MARK = "\n";

/**
 * Opens the drafts of this browser, in its IndexedDB, and forgets those that are too old.
 *
 * @throws {SportelloError} `journal.unavailable`: there is no IndexedDB here, or it can't be used.
 */
export async function openDrafts({ sealed, keepDays = 7, name = "sportello" }: DraftOptions): Promise<Drafts> {
  const database = new Database(name);
  const drafts = new Kept(database, sealed);
  for (const { reference, savedAt } of await drafts.list()) {
    if (Date.now() - savedAt > keepDays * DAY) {
      await drafts.forget(reference);
    }
  }
  return drafts;
}

class Kept implements Drafts {
  /** Files that are kept already, and under which name. */
  readonly #known = new WeakMap<FileDescriptor, string>();
  /** One after the other: what was said last is what stands. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly sealed: boolean,
  ) {}

  keep(reference: string, answers: Answers, about: unknown = null): Promise<void> {
    return this.#next(async () => {
      const written: Written = { answers: {}, about };
      const files = new Set<string>();
      for (const [key, answer] of Object.entries(answers)) {
        if (typeof answer === "string") {
          written.answers[key] = answer;
        } else if (answer) {
          const file = await this.#file(reference, answer);
          if (file !== undefined) {
            files.add(file);
            const { name, mime, size } = answer.file;
            written.answers[key] = { name, mime, size, file };
          }
        }
      }
      const text = new TextEncoder().encode(JSON.stringify(written));
      const head: Head = { savedAt: Date.now(), head: await this.#close(text, `${reference}${MARK}`) };
      await this.database.within<void>(DRAFTS, "readwrite", (store) => {
        store.put(head, reference);
        // What is no longer chosen is not kept.
        const all = store.getAllKeys(within(reference));
        all.onsuccess = () => {
          for (const key of all.result) {
            if (!files.has(String(key).slice(reference.length + MARK.length))) {
              store.delete(key);
            }
          }
        };
      });
    });
  }

  async load(reference: string): Promise<Draft | null> {
    const head = await this.#read<Head>(reference);
    if (!head) {
      return null;
    }
    try {
      const text = new TextDecoder().decode(await this.#open(head.head, `${reference}${MARK}`));
      const written = JSON.parse(text) as Written;
      const answers: Answers = {};
      for (const [key, answer] of Object.entries(written.answers)) {
        if (typeof answer === "string") {
          answers[key] = answer;
          continue;
        }
        const content = await this.#content(reference, answer.file, answer.mime);
        // A file that is not whole is not there: the person chooses it again.
        if (content?.size === answer.size) {
          const whole = await Attachment.from(content, answer.name);
          this.#known.set(whole.file, answer.file);
          answers[key] = whole;
        }
      }
      return { reference, answers, about: written.about, savedAt: head.savedAt };
    } catch {
      // Sealed with a key that is gone, or damaged: nobody can read it any more.
      await this.forget(reference);
      return null;
    }
  }

  list(): Promise<{ reference: string; savedAt: number }[]> {
    return this.database.within(DRAFTS, "readonly", (store, give) => {
      const found: { reference: string; savedAt: number }[] = [];
      const walk = store.openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) {
          return give(found.sort((one, other) => other.savedAt - one.savedAt));
        }
        const reference = String(cursor.key);
        if (!reference.includes(MARK)) {
          found.push({ reference, savedAt: (cursor.value as Head).savedAt });
        }
        cursor.continue();
      };
    });
  }

  forget(reference: string): Promise<void> {
    return this.#next(() =>
      this.database.within<void>(DRAFTS, "readwrite", (store) => {
        store.delete(reference);
        store.delete(within(reference));
      }),
    );
  }

  forgetAll(): Promise<void> {
    return this.#next(async () => {
      await this.database.within<void>(KEYS, "readwrite", (store) => void store.delete("drafts"));
      await this.database.within<void>(DRAFTS, "readwrite", (store) => void store.clear());
    });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** The name under which a file's content is kept; `undefined` for a mere descriptor. */
  async #file(reference: string, answer: FileAnswer): Promise<string | undefined> {
    const known = this.#known.get(answer.file);
    if (known !== undefined && (await this.#read(`${reference}${MARK}${known}`)) !== undefined) {
      return known;
    }
    const content = Attachment.content(answer);
    if (!content) {
      return undefined;
    }
    const name = crypto.randomUUID();
    const pieces: Piece[] = [];
    for (let at = 0; at < content.size; at += PIECE) {
      const bytes = new Uint8Array(await content.slice(at, at + PIECE).arrayBuffer());
      pieces.push(await this.#close(bytes, `${reference}${MARK}${name}${MARK}${pieces.length}`));
    }
    await this.database.within<void>(DRAFTS, "readwrite", (store) => void store.put(pieces, `${reference}${MARK}${name}`));
    this.#known.set(answer.file, name);
    return name;
  }

  async #content(reference: string, name: string, type: string): Promise<Blob | undefined> {
    const pieces = await this.#read<Piece[]>(`${reference}${MARK}${name}`);
    const parts: ArrayBuffer[] = [];
    for (const [index, piece] of pieces?.entries() ?? []) {
      parts.push(await this.#open(piece, `${reference}${MARK}${name}${MARK}${index}`));
    }
    return pieces && new Blob(parts, { type });
  }

  #read<T>(key: string): Promise<T | undefined> {
    return this.database.within<T | undefined>(DRAFTS, "readonly", (store, give) => {
      const request = store.get(key) as IDBRequest<T | undefined>;
      request.onsuccess = () => give(request.result);
    });
  }

  /** What belongs where is sealed with it, so that no piece can stand in for another. */
  async #close(bytes: Uint8Array<ArrayBuffer>, place: string): Promise<Piece> {
    if (!this.sealed) {
      return { iv: null, data: bytes.slice().buffer };
    }
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: placed(place) }, await this.#key(), bytes);
    return { iv, data };
  }

  async #open({ iv, data }: Piece, place: string): Promise<ArrayBuffer> {
    return iv ? crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: placed(place) }, await this.#key(), data) : data;
  }

  /** The key of this browser, made by whoever comes first. */
  async #key(): Promise<CryptoKey> {
    const stands = await this.database.within<CryptoKey | undefined>(KEYS, "readonly", (store, give) => {
      const request = store.get("drafts") as IDBRequest<CryptoKey | undefined>;
      request.onsuccess = () => give(request.result);
    });
    if (stands) {
      return stands;
    }
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return this.database.within<CryptoKey>(KEYS, "readwrite", (store, give) => {
      const request = store.get("drafts") as IDBRequest<CryptoKey | undefined>;
      request.onsuccess = () => {
        if (request.result === undefined) {
          store.put(made, "drafts");
        }
        give(request.result ?? made);
      };
    });
  }
}

/** The names of a draft's files. */
function within(reference: string): IDBKeyRange {
  return IDBKeyRange.bound(`${reference}${MARK}`, `${reference}${MARK}\uffff`);
}

function placed(place: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`sportello draft 1${MARK}${place}`);
}

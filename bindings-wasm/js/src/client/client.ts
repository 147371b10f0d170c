import { SportelloError, guarded } from "../error.js";
import { Attachment, numberOf, unreadable } from "../file.js";
import { ServiceForm } from "../form.js";
import { fullLibrary, library } from "../native.js";
import { quote as quoteOf, type Quote } from "../page.js";
import type { Answers, Lang } from "../types.js";
import { type Collected, Kept, Streamed, delivered } from "./collect.js";
import { indexedDbJournal } from "./indexeddb.js";
import type { Journal } from "./journal.js";
import type { ClientLibrary, NativeClient, NativeRun } from "./native.js";
import { type Hands, finish, perform } from "./run.js";
import type { Sink } from "./send.js";
import { Turns } from "./turns.js";
import type {
  CallDetails,
  CallProgress,
  Delivery,
  Resumed,
  ServiceSummary,
  Submission,
  SubmissionUpdate,
} from "./types.js";

/** How a client is made. */
export interface ClientOptions {
  /** The relay's address: `https://host[:port]`; `http` is for this machine only. */
  relay: string;
  /**
   * The session with the relay, or a function that gives it: asked before every call, so one that has run out is renewed there. Never the provider's
   * token: whoever has that can spend the account.
   */
  session: string | (() => string | Promise<string>);
  /** Where it is kept what must survive a reload. In a page its IndexedDB; elsewhere it has to be given: your own, or `memoryJournal()`. */
  journal?: Journal;
  /** Whose submissions these are, where several people use one browser: their id with you. Not sent anywhere. */
  account?: string;
  /** The language of the messages of forms. Italian otherwise. */
  lang?: Lang;
  /** Other times than the usual ones, in milliseconds. */
  timing?: Timing;
}

/** Times in milliseconds; each may be left out. */
export interface Timing {
  /** How long what is paid may take: 60 000. */
  commitTimeoutMs?: number;
  /** What is added to that before a paid call that had no clear answer is looked at: 60 000. */
  quietMarginMs?: number;
  /** The shortest wait before a free call is made again. */
  retryMs?: number;
  /** The first wait between two looks at a submission: 2 000. */
  watchFirstMs?: number;
  /** The longest while documents may come: 300 000. */
  watchCapMs?: number;
}

/** What every verb takes. */
export interface CallOptions {
  /**
   * Stops waiting, and never a commit: what is on its way is not taken back, and the same verb with the same reference finds out what became of it. The verb ends with
   * `call.cancelled`, or with `submit.outcome_unknown` where something paid had been sent.
   */
  signal?: AbortSignal;
  /** Is told what is happening. Return soon. */
  onProgress?: (progress: CallProgress) => void;
}

/** On which conditions a request is handed in. */
export interface SubmitTerms extends CallOptions {
  /** The exact **net** price of handing in, options included: `quote(form, options).dueNow`. Nothing is paid without it. */
  confirmPrice: string;
  /** Paid extras, by name. */
  options?: readonly string[];
  /** Codes of warnings that somebody has looked at. */
  acceptWarnings?: readonly string[];
  /** Whom the provider mails the documents. */
  notifyEmail?: string;
  /** A second live submission of the same service for the same applicant is meant. */
  allowDuplicate?: boolean;
}

/** How long `wait` waits. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds; an hour otherwise. */
  timeoutMs?: number;
}

/** Where documents go. */
export interface DeliveryOptions extends CallOptions {
  /** Where the file of this number (from 0) is written, instead of into a `Blob`; begun anew whenever it is asked for again. */
  to?: (number: number) => WritableStream<Uint8Array>;
}

/**
 * The client of a relay, for pages, workers and Node: the verbs of the story. Each purchase is paid at most once, whatever is closed, reloaded or lost in the middle: the
 * same verb with the same reference goes on.
 */
export class SportelloClient {
  readonly #options: ClientOptions;
  readonly #library: ClientLibrary;
  readonly #journal: Journal;
  readonly #turns: Turns;
  #native: Promise<NativeClient> | undefined;
  #isFree = false;
  /** How many verbs are under way. */
  #atWork = 0;

  /**
   * @throws {SportelloError} `config.relay_needed`: the address or the session is the provider's; `config.insecure_url`, `config.invalid_url`;
   * `journal.unavailable`: there is no IndexedDB and no journal was given; `library.not_loaded`.
   */
  constructor(options: ClientOptions) {
    this.#options = options;
    this.#library = fullLibrary<ClientLibrary>();
    const session = typeof options.session === "string" ? options.session : "";
    guarded(() => this.#library.checkRelay(options.relay, session));
    this.#journal = options.journal ?? indexedDbJournal();
    this.#turns = new Turns(`sportello/${options.relay}/${options.account ?? "default"}`);
  }

  /** What can be asked for; with `search`, what has all its words in name or category. */
  services(search?: string, options: CallOptions = {}): Promise<ServiceSummary[]> {
    return this.#finish((client) => client.services(search), options);
  }

  /**
   * What a service needs; named by id, by its exact name or by an alias (`assegno-unico`). Its price is `form.service.price`.
   *
   * @throws {SportelloError} `service.not_found`, `service.ambiguous`.
   */
  async service(name: string, options: CallOptions = {}): Promise<ServiceForm> {
    let form: ServiceForm | undefined;
    await this.#finish((client) => client.service(name), options, undefined, (run) => {
      const native = run.form();
      form = native === undefined ? undefined : ServiceForm.kept(native, this.#options);
    });
    return form!;
  }

  /**
   * What a service will cost with these options. No network.
   *
   * @throws {SportelloError} `price.missing`: the provider gave none that can be read, or has no such option.
   */
  quote(form: ServiceForm, options: readonly string[] = []): Quote {
    const quote = quoteOf(form, options);
    if (!quote) {
      throw new SportelloError("price.missing", "the provider gave no price for this purchase, or has no such option");
    }
    return quote;
  }

  /**
   * Hands a request in, paid at most once. After any error, and after a reload, the same call with the same reference goes on where it stopped. The reference is your name of
   * this one intention: 1 to 64 letters, digits, points, hyphens or underscores, and nothing personal.
   *
   * @throws {SportelloError} see {@link CallDetails}: `details.charged` says whether it was paid, `details.findings` what is to be corrected.
   */
  submit(form: ServiceForm, answers: Answers, reference: string, terms: SubmitTerms): Promise<Submission> {
    const { pairs, files, names } = this.#flat(answers);
    const agreed = JSON.stringify({ ...terms, signal: undefined, onProgress: undefined });
    return this.#turns.take(reference, terms.signal, () =>
      this.#finish((client) => client.submit(form.number, pairs, reference, agreed), named(terms, names), files),
    );
  }

  /** What this browser has handed in, or begun to, oldest first: the journal's word, without asking anybody. A relay lists nothing. */
  submissions(options: CallOptions = {}): Promise<Submission[]> {
    return this.#finish((client) => client.submissions(), options);
  }

  /** Where a submission is. */
  status(reference: string, options: CallOptions = {}): Promise<Submission> {
    return this.#finish((client) => client.status(reference), options);
  }

  /** Follows a submission: an update for each change, until something is there to be done or nothing will come. Leaving the loop ends it. */
  async *watch(reference: string, options: CallOptions = {}): AsyncGenerator<SubmissionUpdate, void, undefined> {
    const native = await this.#begin();
    try {
      const run = native.watch(reference);
      try {
        yield* withoutEnd(perform<SubmissionUpdate>(run, this.#hands(native, options)));
      } finally {
        run.free();
      }
    } finally {
      this.#end(native);
    }
  }

  /** Waits until something is there to be done or nothing will come; `null` when the time is up first. */
  async wait(reference: string, { timeoutMs = 3_600_000, ...options }: WaitOptions = {}): Promise<SubmissionUpdate | null> {
    const limit = new AbortController();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      limit.abort();
    }, Math.min(timeoutMs, 2_147_483_647));
    const leave = (): void => limit.abort();
    options.signal?.addEventListener("abort", leave, { once: true });
    if (options.signal?.aborted) {
      leave();
    }
    try {
      return await this.#finish<SubmissionUpdate>((client) => client.watch(reference), { ...options, signal: limit.signal });
    } catch (error) {
      if (isOver && error instanceof SportelloError && error.code === "call.cancelled") {
        return null;
      }
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", leave);
    }
  }

  /** Chooses a search result (`SearchResult.id`): paid, and at most once. */
  choose(reference: string, result: string, confirmPrice: string, options: CallOptions = {}): Promise<Submission> {
    return this.#turns.take(reference, options.signal, () =>
      this.#finish((client) => client.choose(reference, result, confirmPrice), options),
    );
  }

  /** Adds a search: paid, and at most once for its number: 2 for the first after the one that came with handing in. */
  searchAgain(
    reference: string,
    number: number,
    form: ServiceForm,
    answers: Answers,
    confirmPrice: string,
    options: CallOptions = {},
  ): Promise<Submission> {
    const { pairs, files } = this.#flat(answers);
    return this.#turns.take(reference, options.signal, () =>
      this.#finish((client) => client.searchAgain(reference, number, form.number, pairs, confirmPrice), options, files),
    );
  }

  /**
   * Fetches the documents, each compared with its digest.
   *
   * @throws {SportelloError} `delivery.not_ready`, `delivery.corrupt`.
   */
  async delivery(reference: string, options: DeliveryOptions = {}): Promise<Delivery> {
    const sinks = new Map<number, Collected>();
    const sink = (number: number): Sink => {
      void sinks.get(number)?.drop();
      const sink = options.to ? new Streamed(options.to(number).getWriter()) : new Kept();
      sinks.set(number, sink);
      return sink;
    };
    try {
      const files = await this.#finish<{ name: string; mime: string | null; len: number; sha256: string }[]>(
        (client) => client.delivery(reference),
        options,
        undefined,
        undefined,
        sink,
      );
      return { files: await Promise.all(files.map((file, number) => delivered(file, sinks.get(number)))) };
    } catch (error) {
      await Promise.all([...sinks.values()].map((sink) => sink.drop()));
      throw error;
    }
  }

  /** Finds out what happened to everything that was under way, or to one reference, and sees through what was paid or may have been. */
  resume(reference?: string, options: CallOptions = {}): Promise<Resumed[]> {
    const work = (): Promise<Resumed[]> => this.#finish((client) => client.resume(reference), options);
    return reference === undefined ? work() : this.#turns.take(reference, options.signal, work);
  }

  /** Gives up a submission that was not handed in: its draft's fields are blanked, and it leaves the journal. */
  async abandon(reference: string, options: CallOptions = {}): Promise<void> {
    await this.#turns.take(reference, options.signal, () => this.#finish((client) => client.abandon(reference), options));
  }

  /** Gives the memory back at once; otherwise the garbage collector does. What is under way goes on. */
  free(): void {
    this.#isFree = true;
    if (this.#atWork === 0) {
      void this.#native?.then(
        (native) => native.free(),
        () => undefined,
      );
      this.#native = undefined;
    }
  }

  /** As `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** The client, for a verb that is beginning. */
  async #begin(): Promise<NativeClient> {
    if (this.#isFree) {
      throw new SportelloError("library.freed", "this client was freed; make another one");
    }
    this.#atWork += 1;
    try {
      return await this.#client();
    } catch (error) {
      this.#atWork -= 1;
      throw error;
    }
  }

  /** A verb has ended; the last one after `free` does what that left. */
  #end(native: NativeClient): void {
    this.#atWork -= 1;
    if (this.#isFree && this.#atWork === 0) {
      this.#native = undefined;
      native.free();
    }
  }

  #client(): Promise<NativeClient> {
    const { relay, account = "default", session, timing = {} } = this.#options;
    const settings = JSON.stringify({ ...timing, renewable: typeof session === "function" });
    this.#native ??= this.#journal.key().then(
      (key) => guarded(() => new this.#library.Client(relay, account, key, settings)),
      (error: unknown) => {
        this.#native = undefined;
        throw error;
      },
    );
    return this.#native;
  }

  async #finish<T>(
    begin: (client: NativeClient) => NativeRun,
    options: CallOptions,
    files: ReadonlyMap<string, Blob> = new Map(),
    ended?: (run: NativeRun) => void,
    sink?: (number: number) => Sink,
  ): Promise<T> {
    const native = await this.#begin();
    try {
      const hands = { ...this.#hands(native, options), files };
      return await finish<T>(begin(native), sink ? { ...hands, sink } : hands, ended);
    } finally {
      this.#end(native);
    }
  }

  #hands(native: NativeClient, { signal, onProgress }: CallOptions): Hands {
    return { journal: this.#journal, renew: () => this.#renew(native), files: new Map(), progress: onProgress, signal };
  }

  async #renew(native: NativeClient): Promise<void> {
    const { session } = this.#options;
    let token: string;
    try {
      token = typeof session === "string" ? session : await session();
    } catch {
      // Nobody is signed in: the verb ends with `config.token_missing`, and says what was paid.
      token = "";
    }
    guarded(() => native.setToken(token));
  }

  /** Answers as they cross, and the files that stay here. */
  #flat(answers: Answers): { pairs: string; files: Map<string, Blob>; names: Map<string, string> } {
    if (typeof answers !== "object" || answers === null || Array.isArray(answers)) {
      throw unreadable();
    }
    const pairs: string[] = [];
    const files = new Map<string, Blob>();
    const names = new Map<string, string>();
    for (const [key, answer] of Object.entries(answers)) {
      if (answer === undefined || answer === null) {
        continue;
      }
      if (typeof answer === "string") {
        pairs.push(plain(key), plain(answer));
        continue;
      }
      const number = String(numberOf(library(), answer.file));
      const content = Attachment.content(answer);
      if (content) {
        files.set(number, content);
      }
      names.set(number, answer.file.name);
      pairs.push(plain(key), `\x02${number}`);
    }
    return { pairs: pairs.join("\0"), files, names };
  }
}

/** True for an error of a client's verb: `error.details` is then {@link CallDetails}. */
export function isCallError(error: unknown): error is SportelloError & { readonly details: Readonly<CallDetails> } {
  return error instanceof Error && error.name === "SportelloError" && "charged" in ((error as SportelloError).details ?? {});
}

/** Progress with the names that the person knows. */
function named(terms: SubmitTerms, names: ReadonlyMap<string, string>): CallOptions {
  const { signal, onProgress } = terms;
  const options: CallOptions = signal ? { signal } : {};
  if (onProgress) {
    options.onProgress = (progress) => onProgress({ ...progress, file: progress.file && (names.get(progress.file) ?? null) });
  }
  return options;
}

async function* withoutEnd(updates: AsyncGenerator<SubmissionUpdate, unknown, undefined>): AsyncGenerator<SubmissionUpdate, void, undefined> {
  yield* updates;
}

/** A text without the two characters that mean something on the way: any other that can't be seen is refused just the same. */
function plain(text: string): string {
  return text.includes("\0") || text.includes("\x02") ? text.replace(/[\0\x02]/g, "\x01") : text;
}

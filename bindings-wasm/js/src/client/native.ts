// The client of the compiled library; `bindings-wasm/src/{client,run}.rs` is the other side.
import type { Finding } from "../types.js";
import type { Charged } from "./types.js";

export interface NativeClient {
  setToken(session: string): void;
  services(search?: string): NativeRun;
  service(query: string): NativeRun;
  submit(form: number, pairs: string, reference: string, terms: string): NativeRun;
  submissions(): NativeRun;
  status(reference: string): NativeRun;
  watch(reference: string): NativeRun;
  choose(reference: string, result: string, confirmPrice: string): NativeRun;
  searchAgain(reference: string, number: number, form: number, pairs: string, confirmPrice: string): NativeRun;
  delivery(reference: string): NativeRun;
  resume(reference?: string): NativeRun;
  abandon(reference: string): NativeRun;
  free(): void;
}

export interface NativeRun {
  at(wall: number, steady: number): void;
  goOn(): string;
  answered(status: number, headers: string[], body: Uint8Array): string;
  failed(why: Failure): string;
  elapsed(): string;
  bytes(bytes: Uint8Array): string;
  loaded(texts: string[]): string;
  stored(written: boolean, current?: string): string;
  journalFailed(): string;
  cancelled(): string;
  receive(piece: Uint8Array): Uint8Array;
  part(number: number): Uint8Array;
  form(): number | undefined;
  free(): void;
}

export interface ClientLibrary {
  Client: new (origin: string, account: string, key: Uint8Array, settings: string) => NativeClient;
  checkRelay(origin: string, session: string): void;
}

/** Why a request brought no answer, as the core names it. */
export type Failure = "not_sent" | "tls" | "timeout" | "unknown" | "unreadable" | "file_changed" | "file_unreadable" | "sink_failed";

/** A request to perform. */
export interface Send {
  do: "send";
  call: string;
  method: string;
  url: string;
  headers: [string, string][];
  body: ({ part: number } | { file: string; size: number })[] | null;
  timeoutMs: number;
  once: boolean;
  /** The number of the delivery's file that a 200 brings. */
  file: number | null;
}

export type Step =
  | Send
  | { do: "wait"; millis: number; reason: "retry" | "quiet_period" | "watching" }
  | { do: "read"; file: string; offset: number; length: number }
  | { do: "load"; key: string }
  | { do: "list"; prefix: string }
  | { do: "store"; key: string; expect: string | null; text: string | null }
  | { do: "update"; update: unknown }
  | { do: "done"; value: unknown }
  | { do: "fail"; error: Problem };

/** The parts of an error. */
export interface Problem {
  code: string;
  text: string;
  detail: string | null;
  retryable: boolean;
  httpStatus: number | null;
  apiCode: number | null;
  reference: string | null;
  id: string | null;
  charged: Charged;
  findings: Omit<Finding, "texts">[];
}

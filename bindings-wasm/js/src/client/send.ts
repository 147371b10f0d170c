// One request, performed once: no redirect is followed, nothing is kept or sent along, and nothing is said that isn't known.
import type { Failure, NativeRun, Send } from "./native.js";

/** What came of a request. */
export type Answer =
  | { status: number; headers: string[]; body: Uint8Array }
  | { failure: Failure }
  /** Whoever waited has gone. */
  | "gone";

/** What a request may tell on its way. */
export interface Told {
  /** The page's own files, by the library's name of them. */
  files: ReadonlyMap<string, Blob>;
  /** Bytes of a file that have gone out, or come in. */
  moved(file: string | null, moved: number, total: number): void;
  /** Where the delivery's file of this number goes; a request may be made again, so each begins anew. */
  sink(number: number): Sink;
}

/** Where a delivery's file goes. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void> | void;
}

/** The longest answer that is no file; as in the core. */
const MAX_INLINE_BYTES = 1024 * 1024;
/** The longest time that a browser's clock can be set to. */
const MAX_DELAY = 2_147_483_647;
/** Headers that a browser sets itself. */
const FORBIDDEN = ["accept-encoding", "content-length", "host", "connection"];

/** Performs a request. What is paid goes on when whoever waited has gone: it may be on its way already, and is found out about later. */
export function send(step: Send, run: NativeRun, told: Told, signal?: AbortSignal): Promise<Answer> {
  if (signal?.aborted) {
    return Promise.resolve("gone");
  }
  const body = bodyOf(step, run, told.files);
  if (body === undefined) {
    return Promise.resolve({ failure: "file_unreadable" });
  }
  const limit = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    limit.abort();
  }, Math.min(step.timeoutMs, MAX_DELAY));
  const file = step.body?.find((part) => "file" in part)?.file ?? null;
  const isUpload = file !== null && typeof XMLHttpRequest !== "undefined";
  const moved = (sent: number, total: number): void => told.moved(file, sent, total);
  const performed = isUpload
    ? upload(step, body as Blob, moved, limit.signal)
    : call(step, body, run, told, limit.signal);
  const answer = performed
    .catch((error: unknown): Answer => ({ failure: late ? "timeout" : whyNot(error) }))
    .finally(() => clearTimeout(timer));
  if (!signal) {
    return answer;
  }
  return new Promise((resolve) => {
    const leave = (): void => {
      if (!step.once) {
        limit.abort();
      }
      resolve("gone");
    };
    signal.addEventListener("abort", leave, { once: true });
    void answer.then((answer) => {
      signal.removeEventListener("abort", leave);
      resolve(answer);
    });
  });
}

/** The body; `null` for none, `undefined` when a file is not here any more. */
function bodyOf(step: Send, run: NativeRun, files: ReadonlyMap<string, Blob>): Blob | Uint8Array<ArrayBuffer> | null | undefined {
  if (step.body === null) {
    return null;
  }
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = [];
  for (const part of step.body) {
    if ("part" in part) {
      parts.push(run.part(part.part) as Uint8Array<ArrayBuffer>);
      continue;
    }
    const file = files.get(part.file);
    if (file?.size !== part.size) {
      return undefined;
    }
    parts.push(file);
  }
  const [only] = parts;
  return parts.length === 1 && only ? only : new Blob(parts);
}

/** By `fetch`. */
async function call(step: Send, body: BodyInit | null, run: NativeRun, told: Told, signal: AbortSignal): Promise<Answer> {
  const headers = step.headers.filter(([name]) => !FORBIDDEN.includes(name));
  const file = step.body?.find((part) => "file" in part);
  if (file) {
    // Where there is no XHR, it can only be said that it begins.
    told.moved(file.file, 0, file.size);
  }
  const response = await fetch(step.url, {
    method: step.method,
    headers,
    body,
    signal,
    redirect: "manual",
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  // A browser hides where a redirect leads to; that it is one is all that counts.
  const status = response.type === "opaqueredirect" ? 307 : response.status;
  const got = [...response.headers].flat();
  try {
    if (step.file !== null && status === 200) {
      return await receive(step.file, response, run, told, got);
    }
    return { status, headers: got, body: await inline(response) };
  } catch {
    signal.throwIfAborted();
    return { failure: "unreadable" };
  }
}

/** A delivery's file, piece by piece to where it goes. */
async function receive(number: number, response: Response, run: NativeRun, told: Told, headers: string[]): Promise<Answer> {
  const sink = told.sink(number);
  const total = Number(response.headers.get("content-length") ?? 0);
  let got = 0;
  for await (const piece of pieces(response)) {
    got += piece.length;
    told.moved(null, got, total);
    const written = run.receive(piece);
    try {
      await sink.write(written);
    } catch {
      return { failure: "sink_failed" };
    }
  }
  return { status: 200, headers, body: new Uint8Array() };
}

/** A body that is no file. One byte more than may be is enough for the core to refuse it. */
async function inline(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of pieces(response)) {
    parts.push(piece);
    length += piece.length;
    if (length > MAX_INLINE_BYTES) {
      break;
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function* pieces(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  // Not every browser can iterate over a stream.
  const reader = response.body?.getReader();
  if (!reader) {
    return;
  }
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** By XHR: `fetch` does not say how much has gone out. It follows redirects, so an answer from elsewhere counts as one. */
function upload(step: Send, body: Blob, sent: (bytes: number, total: number) => void, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(step.method, step.url);
    xhr.responseType = "arraybuffer";
    for (const [name, value] of step.headers) {
      if (!FORBIDDEN.includes(name)) {
        xhr.setRequestHeader(name, value);
      }
    }
    sent(0, body.size);
    xhr.upload.addEventListener("progress", (event) => sent(Math.min(event.loaded, body.size), body.size));
    xhr.addEventListener("load", () => {
      const headers = xhr
        .getAllResponseHeaders()
        .split("\r\n")
        .filter((line) => line.includes(":"))
        .flatMap((line) => {
          const at = line.indexOf(":");
          return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
        });
      const status = xhr.responseURL === step.url ? xhr.status : 307;
      resolve({ status, headers, body: new Uint8Array(xhr.response as ArrayBuffer) });
    });
    xhr.addEventListener("error", () => resolve({ failure: "unknown" }));
    xhr.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(body);
  });
}

/** A page is never told why there was no answer; Node is, and then "nothing was sent" can be said where it is sure. */
function whyNot(error: unknown): Failure {
  const cause = (error as { cause?: { code?: unknown; syscall?: unknown } } | null)?.cause;
  const code = typeof cause?.code === "string" ? cause.code : "";
  const neverConnected = cause?.syscall === "connect" && ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
  if (neverConnected || cause?.syscall === "getaddrinfo" || code === "UND_ERR_CONNECT_TIMEOUT") {
    return "not_sent";
  }
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/.test(code) ? "tls" : "unknown";
}

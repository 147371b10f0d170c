// Leads a verb of the core's through its steps, with the browser's network, clocks and journal.
import { SportelloError } from "../error.js";
import { withTexts } from "../text.js";
import type { Journal } from "./journal.js";
import type { NativeRun, Problem, Send, Step } from "./native.js";
import { type Answer, type Sink, send } from "./send.js";
import type { CallDetails, CallProgress, SubmissionUpdate } from "./types.js";

/** What a run is performed with. */
export interface Hands {
  journal: Journal;
  /** Sees to it that the session is the one of now; called before anything may be sent. */
  renew(): Promise<void>;
  /** The page's own files, by the library's name of them. */
  files: ReadonlyMap<string, Blob>;
  progress?: ((progress: CallProgress) => void) | undefined;
  sink?(number: number): Sink;
  signal?: AbortSignal | undefined;
}

/** Performs a run: yields what is watched, and returns what the verb ends with. */
export async function* perform<T>(run: NativeRun, hands: Hands): AsyncGenerator<SubmissionUpdate, T, undefined> {
  const { signal } = hands;
  const next = (event: () => string): Step => {
    run.at(Date.now(), performance.now());
    return JSON.parse(event()) as Step;
  };
  await hands.renew();
  let step = next(() => (signal?.aborted ? run.cancelled() : run.goOn()));
  for (;;) {
    switch (step.do) {
      case "send": {
        hands.progress?.({ doing: doing(step), file: null, sent: 0, total: 0 });
        const answer = await send(step, run, toldBy(step, hands), signal);
        await hands.renew();
        step = next(() => said(run, answer));
        break;
      }
      case "wait": {
        const { millis, reason } = step;
        const words = { retry: "retrying", quiet_period: "settling", watching: "watching" } as const;
        hands.progress?.({ doing: words[reason], file: null, sent: 0, total: 0 });
        const isOver = await pause(millis, signal);
        await hands.renew();
        step = next(() => (isOver ? run.elapsed() : run.cancelled()));
        break;
      }
      case "read": {
        const { file, offset, length } = step;
        hands.progress?.({ doing: "reading", file, sent: 0, total: 0 });
        const bytes = signal?.aborted ? "gone" : await slice(hands.files.get(file), offset, length);
        step = next(() => (bytes === "gone" ? run.cancelled() : bytes ? run.bytes(bytes) : run.failed("file_unreadable")));
        break;
      }
      case "load":
      case "list":
      case "store": {
        step = await journalled(step, run, hands, next);
        break;
      }
      case "update":
        yield step.update as SubmissionUpdate;
        step = next(() => (signal?.aborted ? run.cancelled() : run.goOn()));
        break;
      case "done":
        return step.value as T;
      case "fail":
        throw errorOf(step.error);
    }
  }
}

/** The same where nothing is watched. */
export async function finish<T>(run: NativeRun, hands: Hands, ended?: (run: NativeRun) => void): Promise<T> {
  try {
    const steps = perform<T>(run, hands);
    for (;;) {
      const { done, value } = await steps.next();
      if (done) {
        ended?.(run);
        return value;
      }
    }
  } finally {
    run.free();
  }
}

/** What the journal says. It is asked to the end also when nobody waits any more: what was learned is to be kept. */
async function journalled(
  step: Extract<Step, { do: "load" | "list" | "store" }>,
  run: NativeRun,
  hands: Hands,
  next: (event: () => string) => Step,
): Promise<Step> {
  hands.progress?.({ doing: step.do === "store" ? "recording" : "reading", file: null, sent: 0, total: 0 });
  let event: () => string;
  try {
    if (step.do === "store") {
      const { written, current } = await hands.journal.store(step.key, step.expect, step.text);
      event = () => run.stored(written, current ?? undefined);
    } else {
      const text = step.do === "load" ? await hands.journal.load(step.key) : await hands.journal.list(step.prefix);
      event = () => run.loaded(text === null ? [] : typeof text === "string" ? [text] : text);
    }
  } catch {
    event = () => run.journalFailed();
  }
  return next(event);
}

function toldBy(step: Send, hands: Hands) {
  return {
    files: hands.files,
    moved: (file: string | null, sent: number, total: number) =>
      hands.progress?.({ doing: file === null ? "fetching" : "uploading", file, sent, total }),
    sink: (number: number) => hands.sink?.(number) ?? { write: () => undefined },
  };
}

function said(run: NativeRun, answer: Answer): string {
  if (answer === "gone") {
    return run.cancelled();
  }
  return "failure" in answer ? run.failed(answer.failure) : run.answered(answer.status, answer.headers, answer.body);
}

function doing(step: Send): CallProgress["doing"] {
  const words: Record<string, CallProgress["doing"]> = {
    open_draft: "opening",
    fill: "filling",
    get_submission: "verifying",
    commit: "committing",
    choose: "committing",
    add_search: "committing",
  };
  return words[step.call] ?? "fetching";
}

/** Waits; false when whoever waited has gone. */
function pause(millis: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      return resolve(false);
    }
    const leave = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve(true);
    }, Math.min(millis, 2_147_483_647));
    signal?.addEventListener("abort", leave, { once: true });
  });
}

async function slice(file: Blob | undefined, offset: number, length: number): Promise<Uint8Array | undefined> {
  try {
    return file && new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
  } catch {
    return undefined;
  }
}

/** The error that a verb ends with. */
export function errorOf(problem: Problem): SportelloError {
  const { code, text, findings, ...rest } = problem;
  const details: CallDetails = { ...rest, findings: findings.map(withTexts) };
  return new SportelloError(code, text, { ...details });
}

// What the client's verbs take and give. `core/tests/js_tables.rs` holds them against what the core writes.
import type { Phase, Progress } from "../tables.js";
import type { Finding } from "../types.js";

export type { ErrorCode, Phase, Progress } from "../tables.js";

/** Whether the account was charged. `unknown`: it can't be told yet; the same verb with the same reference finds out. */
export type Charged = "no" | "yes" | "unknown";

/** How far a submission has come on this side. */
export type Stage =
  | "intent"
  | "draft"
  | "committing"
  | "refused"
  | "committed"
  | "delivered"
  | "cancelled"
  | "needs_person"
  | "abandoned";

/** A service in the catalogue. */
export interface ServiceSummary {
  /** The provider's id. */
  id: string;
  name: string;
  category: string;
}

/** When the office is expected to be done: 24 to 48 working hours after it had everything it needs. Unix milliseconds. */
export interface Estimate {
  earliest: number;
  latest: number;
}

/** What the provider says beyond a state, in Italian. */
export interface OfficeNote {
  code: string;
  info: string;
}

/** One result of a search. Its values may be personal data. */
export interface SearchResult {
  /** What it is chosen by; see {@link SportelloClient.choose}. */
  id: string;
  /** Its index within its search, from 0. */
  index: number;
  /** What the provider says of it, nested values joined by a point: `Indirizzo.Comune`. */
  values: Record<string, string>;
}

/** One search of a submission. */
export interface Search {
  id: string;
  /** The provider's text: `Ricerca evasa`. */
  status: string;
  /** True when it is over, with or without results. */
  finished: boolean;
  results: SearchResult[];
}

/** A submission as the other side describes it. Prices are net, in euro, decimal texts. */
export interface RemoteSubmission {
  id: string;
  serviceId: string;
  serviceName: string;
  phase: Phase;
  progress: Progress;
  /** The provider's own words: `In erogazione`. */
  status: string;
  price: string | null;
  searchPrice: string | null;
  hasSearch: boolean;
  /** The options taken, by wire name, each with its price; `null` when that is not said. */
  options: [string, string][] | null;
  optionsPrice: string | null;
  searches: Search[];
  /** The chosen result. */
  chosen: string | null;
  /** The names of the documents, once there are any. */
  files: string[];
  /** The states passed through, by the provider's key, with Unix seconds. */
  timeline: [string, number][];
  /** Unix seconds. */
  createdAt: number | null;
  /** Unix seconds. */
  updatedAt: number | null;
  correlation: string | null;
  note: OfficeNote | null;
}

/** A submission as this side knows it. */
export interface Submission {
  reference: string;
  /** The other side's id, once a draft was bound. */
  id: string | null;
  serviceId: string;
  serviceName: string;
  stage: Stage;
  /** Whether handing in was charged. */
  charged: Charged;
  /** The confirmed net price of handing in: `"19.00"`. */
  price: string | null;
  /** Unix milliseconds. */
  createdAt: number;
  /** Unix milliseconds. */
  updatedAt: number;
  /** What the other side last said, where it was asked. */
  remote: RemoteSubmission | null;
  /** When the office is expected to be done, while it is at work. */
  expected: Estimate | null;
}

/** A change of a submission that is watched. */
export interface SubmissionUpdate {
  reference: string;
  remote: RemoteSubmission;
  /** Unix milliseconds. */
  seenAt: number;
  expected: Estimate | null;
}

/** What became of something that was under way. */
export interface Resumed {
  submission: Submission;
  /** `needs_answers`: unpaid, submit the same reference again. `ready`: the documents are there and were never fetched. */
  state: "advanced" | "waiting" | "needs_answers" | "needs_person" | "ready" | "fetched";
  /** The code of what stands in the way, where something does. */
  code: string | null;
}

/** One document of a delivery. */
export interface DeliveredFile {
  /** The name, made safe: no path, no control characters. */
  name: string;
  mime: string | null;
  /** In bytes. */
  size: number;
  /** Lower-case hexadecimal; the content was compared with it. */
  sha256: string;
  /** The content; `null` where it was written to a stream of yours. */
  blob: Blob | null;
}

/** The documents of a submission. */
export interface Delivery {
  files: DeliveredFile[];
}

/** What is happening while a verb is at work. */
export interface CallProgress {
  /** `settling`: a paid call had no clear answer, and nothing is sent until it can't arrive any more. */
  doing: "recording" | "reading" | "opening" | "filling" | "uploading" | "verifying" | "committing" | "settling" | "retrying" | "watching" | "fetching";
  /** The file that is on its way, where one is. */
  file: string | null;
  /** Bytes of it that have gone out, or come in. */
  sent: number;
  /** Its bytes in all; 0 when nothing is on its way. */
  total: number;
}

/** What the `details` of an error of the client's verbs hold. */
export interface CallDetails {
  /** True when the same verb with the same reference is safe and may succeed. */
  retryable: boolean;
  charged: Charged;
  /** Particulars without personal data. */
  detail: string | null;
  httpStatus: number | null;
  apiCode: number | null;
  reference: string | null;
  id: string | null;
  /** Findings on the answers, where the error is about them. */
  findings: Finding[];
}

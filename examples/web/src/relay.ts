import { Attachment, type Answers, type Finding, type Report } from "sportello";

/** A service in the relay's shape; `ServiceForm.fromJson` reads it. */
export interface ServiceWire {
  id: string;
  name: string;
  form: { fields: FieldWire[] };
}

interface FieldWire {
  key: string;
  label: string;
  kind: string;
  help: string;
  required: boolean;
  choices: { code: string; description: string }[];
  recognised: { role: string } | null;
}

/** A submission in the relay's shape. */
export interface SubmissionWire {
  phase: string;
  progress: string;
  status: string;
  note: { info: string } | null;
  texts?: Record<string, string>;
  filesHeld?: Record<string, string>;
}

export interface FileWire {
  name: string;
  len: number;
}

type Charged = "no" | "yes" | "unknown";

/** Why the relay, or the way to it, refused. */
export class RelayError extends Error {
  constructor(
    readonly code: string,
    readonly charged: Charged,
    readonly retryable: boolean,
    readonly findings: Finding[] = [],
  ) {
    super(code);
    this.name = "RelayError";
  }
}

/** What is handed in. */
export interface HandIn {
  serviceId: string;
  options: string[];
  answers: Answers;
  confirmPrice: string;
  acceptWarnings: string[];
}

/**
 * The calls of a relay. Each may be made again: the submission is found by its reference, and the relay pays once however often it is told to.
 */
export class Relay {
  constructor(
    private readonly url: string,
    private readonly session: string,
  ) {}

  async serviceByName(name: string): Promise<ServiceWire> {
    const all = await this.#call<{ id: string; name: string }[]>("GET", "/services");
    const found = all.find((service) => service.name === name);
    if (!found) {
      throw new RelayError("service.not_found", "no", false);
    }
    return this.#call("GET", `/services/${found.id}`);
  }

  /** Answers checked by the relay, where the browser can't. */
  check(serviceId: string, answers: Answers): Promise<Report> {
    // Bytes are base64 in JSON.
    const written = JSON.parse(JSON.stringify(answers, (_, value: unknown) => (value instanceof Uint8Array ? base64(value) : value)));
    return this.#call("POST", `/services/${serviceId}/check`, { answers: written });
  }

  status(reference: string): Promise<SubmissionWire> {
    return this.#call("GET", `/submissions/${reference}`);
  }

  /** Everything up to the commit; nothing of it is paid. */
  async fill(reference: string, what: HandIn, sending: (name: string, sent: number, total: number) => void): Promise<void> {
    const { serviceId, options, answers } = what;
    await this.#call("PUT", `/submissions/${reference}`, { serviceId, options });
    const texts: Record<string, string> = {};
    const files: [string, File][] = [];
    for (const [key, answer] of Object.entries(answers)) {
      if (typeof answer === "string") {
        texts[key] = answer;
      } else if (answer) {
        const content = Attachment.content(answer);
        files.push([key, new File(content ? [content] : [], answer.file.name, { type: answer.file.mime })]);
      }
    }
    await this.#call("PUT", `/submissions/${reference}/answers`, { texts });
    for (const [key, file] of files) {
      await this.#upload(reference, key, file, (sent) => sending(file.name, sent, file.size));
    }
  }

  /** Hands in and pays, once. Where the outcome isn't known yet, the relay is asked again. */
  async commit(reference: string, what: Pick<HandIn, "confirmPrice" | "acceptWarnings">): Promise<SubmissionWire> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#call("POST", `/submissions/${reference}/commit`, what, "unknown");
      } catch (error) {
        if (!(error instanceof RelayError) || !error.retryable || attempt === 5) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
      }
    }
  }

  /** Follows a submission until something is there to be done. */
  async follow(reference: string, update: (submission: SubmissionWire) => void): Promise<void> {
    const response = await this.#fetch("GET", `/submissions/${reference}/events`, {}, null, "no");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) {
        return;
      }
      text += value;
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data && /^event: update$/m.test(event)) {
          update(JSON.parse(data) as SubmissionWire);
        }
      }
    }
  }

  documents(reference: string): Promise<FileWire[]> {
    return this.#call("GET", `/submissions/${reference}/delivery`);
  }

  async document(reference: string, index: number): Promise<Blob> {
    const response = await this.#fetch("GET", `/submissions/${reference}/delivery/${index}`, {}, null, "no");
    return response.blob();
  }

  async #call<T>(method: string, path: string, body?: unknown, lost: Charged = "no"): Promise<T> {
    const sent = body === undefined ? null : JSON.stringify(body);
    const response = await this.#fetch(method, path, { "content-type": "application/json" }, sent, lost);
    return ((await response.json()) as { data: T }).data;
  }

  async #fetch(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | null,
    lost: Charged,
  ): Promise<Response> {
    let response: Response;
    try {
      const all = { ...headers, authorization: `Bearer ${this.session}` };
      response = await fetch(this.url + path, { method, headers: all, body });
    } catch {
      throw new RelayError("network.unreachable", lost, true);
    }
    if (!response.ok) {
      throw refusal(await response.text(), lost);
    }
    return response;
  }

  /** By XHR: `fetch` does not say how much was sent. */
  async #upload(reference: string, key: string, file: File, sent: (bytes: number) => void): Promise<void> {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await new Promise<void>((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open("PUT", `${this.url}/submissions/${reference}/files/${encodeURIComponent(key)}`);
      xhr.setRequestHeader("authorization", `Bearer ${this.session}`);
      xhr.setRequestHeader("content-type", file.type);
      xhr.setRequestHeader("x-file-name", encodeURIComponent(file.name));
      xhr.setRequestHeader("x-file-sha256", hex);
      xhr.upload.addEventListener("progress", (event) => sent(event.loaded));
      xhr.addEventListener("load", () => (xhr.status < 300 ? resolve() : reject(refusal(xhr.responseText, "no"))));
      xhr.addEventListener("error", () => reject(new RelayError("network.interrupted", "no", true)));
      xhr.send(file);
    });
  }
}

function refusal(text: string, lost: Charged): RelayError {
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; charged: Charged; retryable: boolean; findings?: Finding[] };
    };
    return new RelayError(error.code, error.charged, error.retryable, error.findings ?? []);
  } catch {
    return new RelayError("network.interrupted", lost, true);
  }
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(text);
}

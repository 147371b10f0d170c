import type { Answers, Report } from "sportello";
import type { FieldSource } from "sportello/render";

/** A service in the relay's shape, as far as a form is drawn of it. */
export interface ServiceWire {
  id: string;
  form: { fields: FieldSource[] };
}

/** What the page asks the relay itself where the browser has no WebAssembly: what the service asks for, and whether the answers are right. */
export class ServerCheck {
  constructor(
    private readonly relay: string,
    private readonly session: string,
  ) {}

  async service(name: string): Promise<ServiceWire> {
    const all = await this.#call<{ id: string; name: string }[]>("/services");
    const id = all.find((service) => service.name === name)?.id ?? "";
    return this.#call(`/services/${id}`);
  }

  check(serviceId: string, answers: Answers): Promise<Report> {
    // Bytes are base64 in JSON.
    const body = JSON.stringify({ answers }, (_, value: unknown) => (value instanceof Uint8Array ? base64(value) : value));
    return this.#call(`/services/${serviceId}/check`, { method: "POST", body });
  }

  async #call<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.session}` };
    const answer = await fetch(this.relay + path, { ...init, headers });
    if (!answer.ok) {
      throw new Error(`the relay said ${answer.status}`);
    }
    return ((await answer.json()) as { data: T }).data;
  }
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(text);
}

// Where the files of a delivery go.
import { SportelloError } from "../error.js";
import type { Sink } from "./send.js";
import type { DeliveredFile } from "./types.js";

/** Saves a document on the person's disk, as a link with `download` does. In a page. */
export function saveFile(file: DeliveredFile): void {
  if (!file.blob) {
    throw new SportelloError("file.write", "the document went to a stream and is not here");
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file.blob);
  link.download = file.name;
  link.click();
  // The browser has its own hold on it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Where a file is collected. */
export interface Collected extends Sink {
  end(): Promise<Blob | null>;
  drop(): Promise<void>;
}

/** A file in a `Blob`: the browser decides whether it lies in memory or on disk. */
export class Kept implements Collected {
  readonly #parts: BlobPart[] = [];

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes as Uint8Array<ArrayBuffer>);
  }
  end(): Promise<Blob> {
    return Promise.resolve(new Blob(this.#parts));
  }
  drop(): Promise<void> {
    this.#parts.length = 0;
    return Promise.resolve();
  }
}

/** A file that goes to a stream of the caller's. */
export class Streamed implements Collected {
  constructor(private readonly writer: WritableStreamDefaultWriter<Uint8Array>) {}

  write(bytes: Uint8Array): Promise<void> {
    return this.writer.write(bytes);
  }
  async end(): Promise<null> {
    await this.writer.close();
    return null;
  }
  drop(): Promise<void> {
    return this.writer.abort().catch(() => undefined);
  }
}

/** A file that has come, and what is there of it. */
export async function delivered(
  { name, mime, len, sha256 }: { name: string; mime: string | null; len: number; sha256: string },
  sink: Collected | undefined,
): Promise<DeliveredFile> {
  const content = (await sink?.end()) ?? null;
  const blob = content && content.slice(0, content.size, mime ?? "application/octet-stream");
  return { name, mime, size: len, sha256, blob };
}

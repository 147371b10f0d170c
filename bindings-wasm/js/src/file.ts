import { SportelloError } from "./error.js";
import type { FileAnswer, FileDescriptor } from "./types.js";
import type { Room } from "./room.js";

/** How many bytes of a file's beginning a descriptor holds. */
export const HEAD_BYTES = 4 * 1024;
/** How many bytes of a file's end a descriptor holds. */
export const TAIL_BYTES = 64 * 1024;

const contents = new WeakMap<FileDescriptor, Blob>();

/** A file to hand in. */
export const Attachment = {
  /**
   * Makes the answer of a chosen file. Its first 4 KiB and last 64 KiB are read and nothing else, however long it is.
   *
   * @param name The name, for a `Blob` that has none.
   */
  async from(file: Blob, name = file instanceof Blob && "name" in file ? String(file.name) : "file"): Promise<FileAnswer> {
    const bytes = async (part: Blob): Promise<Uint8Array> => new Uint8Array(await part.arrayBuffer());
    const [head, tail] = await Promise.all([
      bytes(file.slice(0, HEAD_BYTES)),
      bytes(file.slice(Math.max(0, file.size - TAIL_BYTES))),
    ]);
    const descriptor: FileDescriptor = { name, mime: file.type || "application/octet-stream", size: file.size, head, tail };
    contents.set(descriptor, file);
    return { file: descriptor };
  },

  /** The file that an answer was made of; `undefined` for a mere descriptor. */
  content(answer: FileAnswer): Blob | undefined {
    return contents.get(answer.file);
  },
} as const;

interface Kept {
  room: Room;
  number: number;
  name: string;
  mime: string;
  size: number;
  head: unknown;
  tail: unknown;
}

const kept = new WeakMap<FileDescriptor, Kept>();
const forgotten = new FinalizationRegistry<{ room: Room; number: number }>(({ room, number }) => {
  room.native.fileFree(number);
});

/** The number under which the library keeps a descriptor, so that it crosses once and not at every key. Nothing else may be half written in the room. */
export function numberOf(room: Room, file: FileDescriptor): number {
  const { name, mime, size, head, tail } = file;
  const known = kept.get(file);
  if (known?.room === room) {
    if (known.name === name && known.mime === mime && known.size === size && known.head === head && known.tail === tail) {
      return known.number;
    }
    forgotten.unregister(known);
    room.native.fileFree(known.number);
  }
  const [first, last] = [bytesOf(head), bytesOf(tail)];
  room.begin(4);
  room.text(name);
  room.text(mime);
  room.bytes(first);
  room.bytes(last);
  const number = room.native.fileNew(size);
  const now = { room, number, name, mime, size, head, tail };
  kept.set(file, now);
  forgotten.register(file, { room, number }, now);
  return number;
}

function bytesOf(part: Uint8Array | string | undefined): Uint8Array {
  if (part === undefined) {
    return new Uint8Array();
  }
  if (typeof part !== "string") {
    return part;
  }
  try {
    return Uint8Array.from(atob(part), (byte) => byte.charCodeAt(0));
  } catch {
    throw unreadable();
  }
}

/** The answers are no answers. Quotes nothing of them: they are personal data. */
export function unreadable(): SportelloError {
  return new SportelloError("answers.not_readable", "the answers are not an object of texts and file descriptors");
}

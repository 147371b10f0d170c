// The room in WASM's memory that both sides share; `bindings-wasm/src/room.rs` is the other side.
import { SportelloError } from "./error.js";

/** The compiled library: only numbers pass. Each call's answer is an address, 0 when there is nothing to say. */
export interface Native {
  lengths(count: number): number;
  texts(bytes: number): number;
  formNew(): number;
  formFree(form: number): void;
  describe(form: number): number;
  indexOf(form: number): number;
  check(form: number): number;
  checkNamed(form: number, count: number): number;
  checkField(form: number, field: number): number;
  required(form: number): number;
  fileNew(size: number): number;
  fileFree(file: number): void;
  checkValue(): number;
  codiceFiscale(): number;
  coherence(): number;
}

const ABSENT = 0xffffffff;
const FILE = 0x80000000;
/** From here on the platform's own encoder is faster than a loop. */
const LONG = 48;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is written for a call, and what the call says. */
export class Room {
  #bytes: Uint8Array;
  #words: Uint32Array;
  /** Where lengths are written, in words, and how many there is room for; where texts are, in bytes, and how many. */
  #lengths = 0;
  #count = 0;
  #texts = 0;
  #size = 0;
  #written = 0;
  #end = 0;

  constructor(
    readonly native: Native,
    readonly memory: WebAssembly.Memory,
  ) {
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }

  /** Begins to write: so many pieces at the most. */
  begin(pieces: number): void {
    this.#written = 0;
    this.#end = 0;
    if (pieces > this.#count) {
      this.#count = pieces;
      this.#lengths = this.native.lengths(pieces) >>> 2;
    }
    this.#look();
  }

  /** Writes a text. */
  text(text: string): void {
    const { length } = text;
    if (this.#end + 3 * length > this.#size) {
      this.#enlarge(3 * length);
    }
    const bytes = this.#bytes;
    const from = this.#texts + this.#end;
    let written = 0;
    if (length < LONG) {
      for (; written < length; written += 1) {
        const unit = text.charCodeAt(written);
        if (unit > 0x7f) {
          break;
        }
        bytes[from + written] = unit;
      }
    }
    if (written < length) {
      ({ written } = encoder.encodeInto(text, bytes.subarray(from)));
    }
    this.#end += written;
    this.#words[this.#lengths + this.#written++] = written;
  }

  /** Writes bytes. */
  bytes(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#size) {
      this.#enlarge(bytes.length);
    }
    this.#bytes.set(bytes, this.#texts + this.#end);
    this.#end += bytes.length;
    this.#words[this.#lengths + this.#written++] = bytes.length;
  }

  /** Writes that this was not given. */
  absent(): void {
    this.#words[this.#lengths + this.#written++] = ABSENT;
  }

  /** Writes the number of a file. */
  file(file: number): void {
    this.#words[this.#lengths + this.#written++] = FILE + file;
  }

  /** The words of an answer: how many findings; where its text is, in bytes, and how long; what else is said; then the findings. */
  word(answer: number, at: number): number {
    return this.#words[(answer >>> 2) + at]!;
  }

  /** What else an answer says; what it says of an error is thrown. */
  said(answer: number): number {
    this.#look();
    const said = answer === 0 ? 0 : this.word(answer, 3);
    if (said === ABSENT) {
      const [code, detail] = this.answerText(answer).split("\x1f") as [string, string];
      throw new SportelloError(code, detail);
    }
    return said;
  }

  /** A part of the text of an answer. */
  answerText(answer: number, from = 0, length?: number): string {
    if (answer === 0) {
      return "";
    }
    const start = this.word(answer, 1) + from;
    return decoder.decode(this.#bytes.subarray(start, start + (length ?? this.word(answer, 2) - from)));
  }

  #enlarge(bytes: number): void {
    const before = this.#bytes.slice(this.#texts, this.#texts + this.#end);
    this.#size = 2 * (this.#end + bytes) + 1024;
    this.#texts = this.native.texts(this.#size);
    this.#look();
    this.#bytes.set(before, this.#texts);
  }

  /** When the memory has grown, what looked at it before is empty. */
  #look(): void {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.memory.buffer);
      this.#words = new Uint32Array(this.memory.buffer);
    }
  }
}

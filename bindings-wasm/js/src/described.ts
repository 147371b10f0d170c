// A service's description as the core reads it; `bindings-wasm/src/described.rs` is the other side.
const encoder = new TextEncoder();

/** What `JSON.parse` gave, flat: a letter for each value and what belongs to it. */
export function flat(value: unknown): Uint8Array {
  const bytes: number[] = [];
  write(value, bytes);
  return Uint8Array.from(bytes);
}

function write(value: unknown, bytes: number[]): void {
  const letter = (letter: string): void => void bytes.push(letter.charCodeAt(0));
  const count = (count: number): void => void bytes.push(count & 255, (count >> 8) & 255, (count >> 16) & 255, count >>> 24);
  const text = (text: string): void => {
    const encoded = encoder.encode(text);
    count(encoded.length);
    for (const byte of encoded) {
      bytes.push(byte);
    }
  };
  if (typeof value === "string") {
    const inner = parsed(value);
    letter(inner === undefined ? "s" : "j");
    text(value);
    if (inner !== undefined) {
      write(inner, bytes);
    }
  } else if (typeof value === "number") {
    letter("n");
    text(String(value));
  } else if (typeof value === "boolean") {
    letter(value ? "t" : "f");
  } else if (Array.isArray(value)) {
    letter("l");
    count(value.length);
    value.forEach((item) => write(item, bytes));
  } else if (typeof value === "object" && value !== null) {
    const members = Object.entries(value);
    letter("o");
    count(members.length);
    for (const [name, member] of members) {
      text(name);
      write(member, bytes);
    }
  } else {
    letter("0");
  }
}

/** What a text holds that is a list or an object in JSON: some lists of choices come so. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

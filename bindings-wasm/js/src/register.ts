// The register of places as it was packed by `scripts/places.mjs`.

/** The lines of the register: code, name, provinces, first day, last day, other names, separated by tabs. */
export function unpacked(packed: Uint8Array): string {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = packed[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) {
        return value;
      }
    }
  };
  const decoder = new TextDecoder();
  const lines = (): string[] => {
    const length = number();
    at += length;
    return decoder.decode(packed.subarray(at - length, at)).split("\n");
  };
  const days = (): number[] => Array.from({ length: number() }, number);
  const rows = number();
  const all = <T>(read: () => T): T[] => Array.from({ length: rows }, read);
  const ranked = <T>(known: T[]): T[] => all(() => known[number()]!);

  const codes = all(number);
  const same = all(number);
  const endings = lines();
  const provinces = ranked(lines());
  const from = ranked(days());
  const to = ranked(days());
  const others = lines();
  const written = (day: number): string => (day === 0 ? "" : new Date((day - 62_091) * 86_400_000).toISOString().slice(0, 10));
  let [text, code, name] = ["", 0, ""];
  for (let row = 0; row < rows; row += 1) {
    code += codes[row]!;
    name = name.slice(0, same[row]) + endings[row]!;
    const letter = String.fromCharCode(65 + Math.floor(code / 1000));
    const first = from[row] === 1 ? to[row - 1]! + 1 : from[row]!;
    text += `${letter}${String(code % 1000).padStart(3, "0")}\t${name}\t${provinces[row]!}\t${written(first)}\t${written(to[row]!)}\t${others[row]!}\n`;
  }
  return text;
}

// Packs the register of places, so that a page downloads little of it: `node scripts/places.mjs REGISTER OUT`. `src/register.ts` reads it, which is tried here.
import { readFileSync, writeFileSync } from "node:fs";

import { unpacked } from "../dist/register.js";

const [register, out] = process.argv.slice(2);
const text = readFileSync(register, "utf8");
const rows = text.trimEnd().split("\n").map((line) => line.split("\t"));
const column = (at) => rows.map((row) => row[at]);
const bytes = [];

function number(value) {
  let rest = value;
  for (; rest > 127; rest >>>= 7) {
    bytes.push((rest & 127) | 128);
  }
  bytes.push(rest);
}

function lines(texts) {
  const encoded = new TextEncoder().encode(texts.join("\n"));
  number(encoded.length);
  bytes.push(...encoded);
}

/** Values that recur: the different ones, the most frequent first, then the place of each. */
function ranked(values, write) {
  const counts = new Map();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const known = [...counts].sort((one, other) => other[1] - one[1]).map(([value]) => value);
  write(known);
  const places = new Map(known.map((value, place) => [value, place]));
  values.forEach((value) => number(places.get(value)));
}

number(rows.length);
// Codes go up; names are much like the one before.
let code = 0;
for (const row of rows) {
  const own = (row[0].charCodeAt(0) - 65) * 1000 + Number(row[0].slice(1));
  number(own - code);
  code = own;
}
let before = "";
const endings = [];
for (const name of column(1)) {
  let same = 0;
  while (same < name.length && name[same] === before[same]) {
    same += 1;
  }
  number(same);
  endings.push(name.slice(same));
  before = name;
}
lines(endings);
ranked(column(2), lines);
// Days from 1 January 1800, and 0 for none; the first day of a name is mostly the one after the last of the name before, which is 1.
const day = (text) => (text === "" ? 0 : Date.parse(text) / 86_400_000 + 62_091);
const days = (known) => (number(known.length), known.forEach(number));
const last = column(4).map(day);
ranked(column(3).map((from, at) => (at > 0 && rows[at - 1][0] === rows[at][0] && last[at - 1] > 0 && day(from) === last[at - 1] + 1 ? 1 : day(from))), days);
ranked(last, days);
lines(column(5));

const packed = Uint8Array.from(bytes);
if (unpacked(packed) !== text) {
  throw new Error("the packed register is not the register");
}
writeFileSync(out, packed);

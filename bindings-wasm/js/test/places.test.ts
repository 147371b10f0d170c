// Names of places: the core's own cases, and the register packed and read again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { findPlaces, init, placeNamed, placeText, searchPlaces } from "sportello/places";

const root = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";
const cases = JSON.parse(readFileSync(join(root, "places.json"), "utf8")) as {
  find: { text: string; on?: string; codes: string[] }[];
  search: { text: string; limit: number; shown: string[] }[];
  named: { code: string; on?: string; name: string | null }[];
};

test("the shared cases of places", async () => {
  await init();
  for (const { text, on, codes } of cases.find) {
    assert.deepEqual(findPlaces(text, on).map((place) => place.code), codes, text);
  }
  for (const { text, limit, shown } of cases.search) {
    assert.deepEqual(searchPlaces(text, limit).map(placeText), shown, text);
  }
  for (const { code, on, name } of cases.named) {
    assert.equal(placeNamed(code, on)?.name ?? null, name, code);
  }
  const count = cases.find.length + cases.search.length + cases.named.length;
  assert.ok(count > 25, `${count}`);
});

test("a place is plain data", () => {
  const [place] = findPlaces("Bozen");
  assert.ok(place);
  assert.deepEqual([place.code, place.name, place.province, place.to], ["A952", "Bolzano", "BZ", null]);
  assert.ok(place.otherNames.includes("Bozen"));
  assert.deepEqual(structuredClone(place), place);
});

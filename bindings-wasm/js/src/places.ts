import { SportelloError } from "./error.js";
import { unpacked } from "./register.js";

interface NativePlaces {
  load(register: string): boolean;
  search(text: string, limit: number): string;
  find(text: string, on: string): string;
  named(code: string, on: string): string;
}

/** One name that a place has or had. */
export interface Place {
  /** The cadastral code: `H501`. */
  code: string;
  /** The name: `Roma`. */
  name: string;
  /** The province's two letters, the last one that the place had; `EE` for a country. */
  province: string;
  /** All its provinces, the last first. */
  provinces: string[];
  /** Other names, as in a second language. */
  otherNames: string[];
  /** The first day under this name, `yyyy-mm-dd`; `null` when no record says so. */
  from: string | null;
  /** The last day under this name; `null` when it has it still. */
  to: string | null;
}

let native: NativePlaces | undefined;
let load: (() => void) | undefined;

/** Called by whoever loaded the compiled library and the packed register. */
export function use(loaded: NativePlaces, packed: Uint8Array): void {
  if (!loaded.load(unpacked(packed))) {
    throw new SportelloError("library.not_loaded", "the register of places that was loaded is none");
  }
  native = loaded;
}

/** Where it can be loaded at once, it is, when it is first needed. */
export function loadWith(loader: () => void): void {
  load = loader;
}

function places(): NativePlaces {
  if (!native) {
    load?.();
  }
  if (!native) {
    throw new SportelloError("library.not_loaded", "call `await init()` of `sportello/places` once, before anything else");
  }
  return native;
}

function read(lines: string): Place[] {
  return lines
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [code, name, provinces, others, from, to] = line.split("\t") as [string, string, string, string, string, string];
      const list = (text: string, mark: string): string[] => (text === "" ? [] : text.split(mark));
      const all = list(provinces, ",");
      return { code, name, province: all[0] ?? "", provinces: all, otherNames: list(others, "|"), from: from || null, to: to || null };
    });
}

/**
 * Places whose name begins so, or has a word that does; blind to accents, case, apostrophes. The same name first, then those that begin with it, those that are
 * still there before others.
 */
export function searchPlaces(text: string, limit = 10): Place[] {
  return read(places().search(text, limit));
}

/**
 * The places that a person may mean by a code or a name (`H501`, `Roma`, `Livo (TN)`, `Livo TN`): one, none, or several that only a province tells apart.
 *
 * @param on A day, `yyyy-mm-dd`: leaves those out that did not have the name then, when another did.
 */
export function findPlaces(text: string, on = ""): Place[] {
  return read(places().find(text, on));
}

/** The name of the place of this code on a day; without a day, or where no record has that day, its last name. */
export function placeNamed(code: string, on = ""): Place | undefined {
  return read(places().named(code, on))[0];
}

/** `Livo (CO)`; a country by its name alone. */
export function placeText(place: Place): string {
  return place.code.startsWith("Z") ? place.name : `${place.name} (${place.province})`;
}

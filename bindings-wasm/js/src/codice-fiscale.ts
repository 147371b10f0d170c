import { SportelloError, guarded } from "./error.js";
import { fullLibrary, library } from "./native.js";
import type { Finding } from "./types.js";
import { readFindings } from "./wire.js";

/** What is known of a person; what is left out is not looked at. Days are `yyyy-mm-dd`, places cadastral codes (`H501`). */
export interface PersonalData {
  surname?: string;
  name?: string;
  sex?: "M" | "F";
  birthDate?: string;
  birthplace?: string;
}

/** A part of a person's data that the code has something of. */
export type Part = "surname" | "name" | "sex" | "birth_date" | "birthplace";

/** How a code and a person's data agree. */
export interface Coherence {
  /** True when nothing disagrees. */
  isCoherent: boolean;
  disagreeing: Part[];
  /** Of which nothing can be said: a name in letters that the tax office's table does not have. */
  undecided: Part[];
  /** The surname stands where the name belongs and the other way round. */
  isSwapped: boolean;
  /** A warning for every part that disagrees. */
  findings: Finding[];
}

/** A person's codice fiscale that is right. */
export class CodiceFiscale {
  readonly #parts: readonly string[];

  private constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  /**
   * Reads a code that is written right: capitals, no blanks.
   *
   * @throws {SportelloError} the finding's code, such as `codice_fiscale.check_letter`; `details.finding` is the finding.
   */
  static parse(text: string): CodiceFiscale {
    const room = library();
    room.begin(1);
    room.text(text);
    const answer = room.native.codiceFiscale();
    room.said(answer);
    const [finding] = readFindings(room, answer, []).findings;
    if (finding) {
      throw new SportelloError(finding.code, "this is not a right codice fiscale", { finding });
    }
    return new CodiceFiscale(room.answerText(answer).split("\x1f"));
  }

  /**
   * The code of a person, in its canonical form. Only the tax office can say whether somebody else has it already. Not in `sportello/check`.
   *
   * @throws {SportelloError} `encode.…`, `person.not_readable`.
   */
  static encode(person: Required<PersonalData>): CodiceFiscale {
    const full = fullLibrary<{ encode?: (...parts: string[]) => string }>();
    if (!full.encode) {
      throw new SportelloError("library.check_only", "`sportello/check` only checks; import `sportello` for this");
    }
    const { surname, name, sex, birthDate, birthplace } = person;
    return new CodiceFiscale(guarded(() => full.encode!(surname, name, sex, birthDate, birthplace)).split("\x1f"));
  }

  /**
   * Compares the code with what is known of the person.
   *
   * @throws {SportelloError} `person.not_readable`: the sex or the day is not written as it must be.
   */
  coherence(person: PersonalData): Coherence {
    const { surname, name, sex, birthDate, birthplace } = person;
    const room = library();
    room.begin(6);
    for (const part of [this.code, surname, name, sex, birthDate, birthplace]) {
      if (part === undefined) {
        room.absent();
      } else {
        room.text(part);
      }
    }
    const answer = room.native.coherence();
    const isNone = room.said(answer) === 1;
    const { findings, end } = readFindings(room, answer, []);
    if (isNone) {
      throw new SportelloError(findings[0]?.code ?? "codice_fiscale.length", "this is not a right codice fiscale");
    }
    const [disagreeing, undecided, swapped] = room.answerText(answer, end).split("\x1f") as [string, string, string];
    const list = (text: string): Part[] => (text === "" ? [] : (text.split(" ") as Part[]));
    return {
      isCoherent: disagreeing === "",
      disagreeing: list(disagreeing),
      undecided: list(undecided),
      isSwapped: swapped === "1",
      findings,
    };
  }

  /** The code as it is written. */
  get code(): string {
    return this.#parts[0] ?? "";
  }
  /** The code that this one is a spelling of: digits where omocodia has letters. */
  get canonical(): string {
    return this.#parts[1] ?? "";
  }
  /** True when a letter stands for a digit, because two persons would have had the same code. */
  get isOmocodia(): boolean {
    return this.#parts[2] === "1";
  }
  get sex(): "M" | "F" {
    return this.#parts[3] === "F" ? "F" : "M";
  }
  /** The cadastral code of the municipality or country of birth. */
  get birthplace(): string {
    return this.#parts[4] ?? "";
  }
  /** True unless the records say that the place was not there on any day that the code may mean. */
  get isBirthplaceContemporary(): boolean {
    return this.#parts[5] === "1";
  }
  /** The days that the code may mean, `yyyy-mm-dd`, the earlier first: the century is not in it. */
  get birthDates(): string[] {
    return (this.#parts[6] ?? "").split(" ").filter((day) => day !== "");
  }
  /** All 128 spellings of this code, the canonical one first. */
  get variants(): string[] {
    return (this.#parts[7] ?? "").split(" ");
  }
  /** The code. */
  toString(): string {
    return this.code;
  }
  /** The code. */
  toJSON(): string {
    return this.code;
  }
}

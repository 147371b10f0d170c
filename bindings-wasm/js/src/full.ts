// What `sportello` has beyond `sportello/check`.
import { SportelloError, guarded } from "./error.js";
import { Attachment } from "./file.js";
import type { ServiceForm } from "./form.js";
import { fullLibrary } from "./native.js";
import type { Answers, FileAnswer, Lang } from "./types.js";

interface NativePages {
  add(name: string, mime: string, content: Uint8Array): void;
  make(): Uint8Array;
  readonly name: string;
  free(): void;
}

interface Full {
  jsonSchema(form: number, lang: string): string;
  assegnoUnico(form: number, withMandate: boolean): Int32Array;
  Pages: new () => NativePages;
}

/** The form as JSON Schema 2020-12, with labels and help in this language where a field is recognised. */
export function toJsonSchema(form: ServiceForm, lang: Lang = "it"): Record<string, unknown> {
  return JSON.parse(fullLibrary<Full>().jsonSchema(form.number, lang)) as Record<string, unknown>;
}

/** The universal child allowance, asked for by one parent. */
export interface AssegnoUnicoData {
  givenName: string;
  familyName: string;
  email: string;
  mobile: string;
  codiceFiscale: string;
  /** Front and back: `pages([front, back])` makes one of two photos. */
  identityDocument: FileAnswer;
  /** Front and back of the tessera sanitaria. */
  codiceFiscaleCard: FileAnswer;
  /** Mandate of assistance and representation, where there is one. */
  mandate?: FileAnswer;
}

/** Maps itself onto whatever order, keys and labels the fetched form has. */
export class AssegnoUnico {
  constructor(readonly data: AssegnoUnicoData) {}

  /**
   * The answers to this form, each found by kind and label, never by its key.
   *
   * @throws {SportelloError} `form.no_field`, `form.several_fields`, `form.also_requires`: the form is another one. Nothing is guessed.
   */
  answers(form: ServiceForm): Answers {
    const { data } = this;
    const places = guarded(() => fullLibrary<Full>().assegnoUnico(form.number, data.mandate !== undefined));
    const values = [
      data.givenName,
      data.familyName,
      data.email,
      data.mobile,
      data.codiceFiscale,
      data.identityDocument,
      data.codiceFiscaleCard,
      data.mandate,
    ];
    const answers: Answers = {};
    for (const [value, place] of places.entries()) {
      const field = form.fields[place];
      if (field) {
        answers[field.key] = values[value];
      }
    }
    return answers;
  }
}

/**
 * One PDF of several photos (JPEG or PNG), a page each, upright on A4; what else a photo's file holds stays out. A single PDF comes back as it is.
 *
 * @throws {SportelloError} `pages.…`, naming the photo by its place.
 */
export async function pages(photos: readonly (Blob | FileAnswer)[]): Promise<FileAnswer> {
  const maker = new (fullLibrary<Full>().Pages)();
  try {
    for (const [index, photo] of photos.entries()) {
      const answer = photo instanceof Blob ? await Attachment.from(photo) : photo;
      const content = Attachment.content(answer);
      if (!content) {
        throw new SportelloError("pages.no_content", `photo ${index + 1} has no content to read; give the file itself`);
      }
      maker.add(answer.file.name, answer.file.mime, new Uint8Array(await content.arrayBuffer()));
    }
    const made = guarded(() => maker.make());
    const file = new Blob([made as Uint8Array<ArrayBuffer>], { type: "application/pdf" });
    return await Attachment.from(file, maker.name);
  } finally {
    maker.free();
  }
}

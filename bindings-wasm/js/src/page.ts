import * as glue from "./glue.js";
import { guarded } from "./error.js";
import { ready } from "./form.js";
import type { Lang } from "./types.js";

/** Label and help of a field for people; `null` where the field was not recognised. */
export interface RoleWords {
  label: string | null;
  help: string | null;
}

/** What a submission will cost: decimal strings in EUR. */
export interface Quote {
  /** Net, due when it is handed in. */
  dueNow: string;
  /** Net, due when a search result is chosen. */
  dueOnChoice: string;
  /** Both together. */
  total: string;
  vat: string;
  gross: string;
  options: string[];
}

/** A photo for {@link pages}. */
export interface PhotoFile {
  name: string;
  mime: string;
  content: Blob;
}

/** Label and help in every language of what a field was recognised as (`recognised.role`). */
export function roleWords(role: string | null): Record<Lang, RoleWords> {
  ready();
  return JSON.parse(glue.roleWords(role ?? "")) as Record<Lang, RoleWords>;
}

/** What a person does next about a submission that has come so far, in every language. */
export function nextStep(progress: string, phase: string, hasNote = false): Record<Lang, string> {
  ready();
  return JSON.parse(glue.nextStep(progress, phase, hasNote)) as Record<Lang, string>;
}

/** The price of a service, described as `ServiceForm.fromJson` takes it, with these options; `null` when the provider gave none. */
export function quote(description: string, options: readonly string[] = []): Quote | null {
  ready();
  return JSON.parse(glue.quote(description, [...options])) as Quote | null;
}

/** The provider's HTML, such as its instructions, as plain text. */
export function plainText(html: string): string {
  ready();
  return glue.plainText(html);
}

/**
 * One PDF of several photos, one page each: for forms that ask for front and back in one file.
 *
 * @throws {SportelloError} `pages.…`: a photo can't be read.
 */
export async function pages(photos: readonly PhotoFile[]): Promise<File> {
  ready();
  const document = new glue.Pages();
  try {
    for (const { name, mime, content } of photos) {
      document.add(name, mime, new Uint8Array(await content.arrayBuffer()));
    }
    const bytes = guarded(() => document.make());
    return new File([bytes as BlobPart], document.name, { type: "application/pdf" });
  } finally {
    document.free();
  }
}

import { Attachment, pages } from "sportello";
import type { FileTools } from "sportello/render";

/** What the library accepts, 100 MiB. */
const LIMIT = 100 * 1024 * 1024;

/** Makes answers of files; one PDF of several photos where the library is there. */
export function fileTools(hasLibrary: boolean): FileTools {
  const tools: FileTools = { from: (file) => Attachment.from(file), limit: LIMIT };
  return hasLibrary ? { ...tools, pages } : tools;
}

import { Attachment, FILE_LIMIT_BYTES, pages } from "sportello";
import type { FileTools } from "sportello/render";

/** Makes answers of files; one PDF of several photos where the library is there. */
export function fileTools(hasLibrary: boolean): FileTools {
  const tools: FileTools = { from: (file) => Attachment.from(file), limit: FILE_LIMIT_BYTES };
  return hasLibrary ? { ...tools, pages } : tools;
}

import { pages } from "sportello";
import type { FileAnswer, FileTools } from "sportello/render";

const HEAD = 4 * 1024;
const TAIL = 64 * 1024;
/** What the library accepts, 100 MiB. */
const LIMIT = 100 * 1024 * 1024;

/** An answer, with the file that will be sent. */
export type Attached = FileAnswer & { content: Blob };

/** A file's descriptor: its first and last bytes are enough to check it. */
async function attach(content: File): Promise<Attached> {
  const { name, type: mime, size } = content;
  const [head, tail] = await Promise.all([
    base64(content.slice(0, HEAD)),
    base64(content.slice(Math.max(0, size - TAIL))),
  ]);
  const answer = { file: { name, mime, size, head, tail } };
  // Not enumerable: it is no part of what is checked.
  return Object.defineProperty(answer, "content", { value: content }) as Attached;
}

/** Makes answers of files; one PDF of several photos where the library is there. */
export function fileTools(hasLibrary: boolean): FileTools {
  const tools: FileTools = { from: attach, limit: LIMIT };
  if (hasLibrary) {
    tools.pages = async (photos) =>
      attach(
        await pages((photos as Attached[]).map(({ file, content }) => ({ name: file.name, mime: file.mime, content }))),
      );
  }
  return tools;
}

async function base64(part: Blob): Promise<string> {
  const bytes = new Uint8Array(await part.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(text);
}

import { readFileSync } from "node:fs";

import { initSync } from "./glue.js";
import { markLoaded } from "./form.js";

export { ServiceForm, checkValue, findingText } from "./form.js";
export { nextStep, pages, plainText, quote, roleWords, type PhotoFile, type Quote, type RoleWords } from "./page.js";
export { SportelloError, isSportelloError } from "./error.js";
export type * from "./types.js";

// In Node the file is at hand, so the library is loaded with the module, also by `require`.
initSync({ module: readFileSync(new URL("./sportello_bg.wasm", import.meta.url)) });
markLoaded();

/** Does nothing here; there so that one program runs in Node and in a browser. */
export function init(): Promise<void> {
  return Promise.resolve();
}

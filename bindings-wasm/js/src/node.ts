import { readFileSync } from "node:fs";

import * as native from "./full/glue.js";
import { loadWith, use } from "./native.js";

export * from "./full-api.js";

// In Node the file is at hand: the library is loaded when it is first used, also by `require`.
loadWith(() => {
  use(native, native.initSync({ module: readFileSync(new URL("./full/sportello_bg.wasm", import.meta.url)) }));
});

/** Does nothing here; there so that one program runs in Node and in a browser. */
export function init(): Promise<void> {
  return Promise.resolve();
}

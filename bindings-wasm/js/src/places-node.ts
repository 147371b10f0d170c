import { readFileSync } from "node:fs";

import { loadWith, use } from "./places.js";
import * as native from "./places/glue.js";

export * from "./places-api.js";

loadWith(() => {
  native.initSync({ module: readFileSync(new URL("./places/sportello_bg.wasm", import.meta.url)) });
  use(native, readFileSync(new URL("./places/register.bin", import.meta.url)));
});

/** Does nothing here; there so that one program runs in Node and in a browser. */
export function init(): Promise<void> {
  return Promise.resolve();
}

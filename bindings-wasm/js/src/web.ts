import load, { type InitInput } from "./glue.js";
import { markLoaded } from "./form.js";

export { ServiceForm, checkValue, findingText } from "./form.js";
export { nextStep, pages, plainText, quote, roleWords, type PhotoFile, type Quote, type RoleWords } from "./page.js";
export { SportelloError, isSportelloError } from "./error.js";
export type * from "./types.js";

let loading: Promise<void> | undefined;

/**
 * Loads the library, once; every call waits for the same load.
 *
 * @param source Where the `.wasm` is, when not beside this file: an address, a response, or its bytes.
 */
export function init(source?: InitInput | Promise<InitInput>): Promise<void> {
  loading ??= load({ module_or_path: source ?? new URL("./sportello_bg.wasm", import.meta.url) }).then(
    markLoaded,
    (error: unknown) => {
      // A page that lost its network may try again.
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

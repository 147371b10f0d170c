import load, * as native from "./check/glue.js";
import type { InitInput } from "./check/glue.js";
import { loadFailed, use } from "./native.js";
import { addTexts } from "./text.js";
import { it } from "./texts/it.js";

export * from "./check-api.js";

addTexts(it);

let loading: Promise<void> | undefined;

/**
 * Loads the library, once; every call waits for the same load. Importing it loads nothing, so it may be imported on a server.
 *
 * @param source Where the `.wasm` is, when not beside this file: an address, a response, or its bytes.
 * @throws {SportelloError} `library.not_loaded`: the file can't be had; the text names the commonest reasons, Vite 7's setting among them.
 */
export function init(source?: InitInput | Promise<InitInput>): Promise<void> {
  loading ??= load({ module_or_path: source ?? new URL("./check/sportello_bg.wasm", import.meta.url) }).then(
    (output) => use(native, output),
    (error: unknown) => {
      // A page that lost its network may try again.
      loading = undefined;
      throw loadFailed(error);
    },
  );
  return loading;
}

import { loadFailed } from "./native.js";
import { use } from "./places.js";
import load, * as native from "./places/glue.js";

export * from "./places-api.js";

let loading: Promise<void> | undefined;

/**
 * Loads the names of places, once; a page that needs none loads none. Every call waits for the same load.
 *
 * @param source Where the `.wasm` and the register are, when not beside this file: addresses or bytes.
 * @throws {SportelloError} `library.not_loaded`: a file can't be had.
 */
export function init(source: { wasm?: string | URL | Uint8Array; register?: string | URL | Uint8Array } = {}): Promise<void> {
  loading ??= begin(source).catch((error: unknown) => {
    // A page that lost its network may try again.
    loading = undefined;
    throw loadFailed(error);
  });
  return loading;
}

async function begin({ wasm, register }: Parameters<typeof init>[0] & object): Promise<void> {
  const bytes = async (): Promise<Uint8Array> => {
    if (register instanceof Uint8Array) {
      return register;
    }
    const response = await fetch(register ?? new URL("./places/register.bin", import.meta.url));
    if (!response.ok) {
      throw new Error(`the register of places: ${response.status}`);
    }
    return new Uint8Array(await response.arrayBuffer());
  };
  const module = wasm ?? new URL("./places/sportello_bg.wasm", import.meta.url);
  const [packed] = await Promise.all([bytes(), load({ module_or_path: module instanceof Uint8Array ? module.slice().buffer : module })]);
  use(native, packed);
}

import { SportelloError } from "./error.js";
import { type Native, Room } from "./room.js";

let room: Room | undefined;
let load: (() => void) | undefined;

/** Called by whoever loaded the compiled library, with the memory that it has. */
export function use(native: Native, { memory }: { memory: WebAssembly.Memory }): void {
  room = new Room(native, memory);
}

/** Where the library can be loaded at once, it is, when it is first needed: importing it does nothing. */
export function loadWith(loader: () => void): void {
  load = loader;
}

/** The compiled library and the room that is shared with it. */
export function library(): Room {
  if (!room) {
    load?.();
  }
  if (!room) {
    throw new SportelloError("library.not_loaded", "call `await init()` once, before anything else");
  }
  return room;
}

/** The library that has what `sportello/check` leaves out. */
export function fullLibrary<T>(): Native & T {
  return library().native as Native & T;
}

/** Why the `.wasm` could not be had, with the commonest reason. */
export function loadFailed(error: unknown): SportelloError {
  const detail =
    "the library's .wasm could not be loaded. For Vite 7's development server put `optimizeDeps: { exclude: [\"sportello\"] }` into vite.config; " +
    "a Content-Security-Policy needs `script-src 'wasm-unsafe-eval'` and the file's origin in `connect-src`; " +
    "a browser without WebAssembly can be served by the relay's own check";
  return new SportelloError("library.not_loaded", detail, {}, { cause: error });
}

// What every page does: check, make a client with its journal, check in a worker. The title says how it went.
import { SportelloClient, checkValue, findingText, indexedDbJournal, init } from "sportello";
import { bootstrapItalia } from "sportello/render";

async function main() {
  await init();
  const [wrong] = checkValue("codice_fiscale", "PRVRSL90E52H501B");
  if (wrong.code !== "codice_fiscale.check_letter" || findingText(wrong, "de").length < 20 || !bootstrapItalia.root) {
    throw new Error("wrong");
  }
  const client = new SportelloClient({ relay: "https://relay.example", session: "a.b" });
  if ((await client.submissions()).length !== 0) {
    throw new Error("a journal that is not empty");
  }
  // Of two that write what nobody has written yet, one does. A development server may have loaded this page twice.
  const raced = `raced/${crypto.randomUUID()}`;
  const stored = await Promise.all(["one", "other"].map((text) => indexedDbJournal().store(raced, null, text)));
  if (stored.filter(({ written }) => written).length !== 1 || stored[0].current !== stored[1].current) {
    throw new Error(`compared and swapped: ${JSON.stringify(stored)}`);
  }
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data === "ok" ? resolve() : reject(new Error(data)));
    worker.onerror = (event) => reject(new Error(`the worker: ${event.message}`));
  });
}

main().then(
  () => (document.title = "ok"),
  (error) => (document.title = `${error.code ?? error.name}: ${error.message}`),
);

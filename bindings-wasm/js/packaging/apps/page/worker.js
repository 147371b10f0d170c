// In a Web Worker: the check, and a client, whose uploads go by XHR there too.
import { SportelloClient, init as initAll } from "sportello";
import { checkValue, init } from "sportello/check";

async function work() {
  await init();
  const [wrong] = checkValue("codice_fiscale", "PRVRSL90E52H501B");
  await initAll();
  const client = new SportelloClient({ relay: "https://relay.example", session: "a.b" });
  const known = await client.submissions();
  return wrong.code === "codice_fiscale.check_letter" && known.length === 0 ? "ok" : "wrong";
}

work().then(postMessage, (error) => postMessage(`${error.code}: ${error.message}`));

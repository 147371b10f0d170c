// What the book shows, run as it stands there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Attachment, SportelloClient, memoryJournal } from "sportello";

import { type Served, answers, ledger, serve, session } from "./relay.js";

let served: Served;
before(async () => {
  served = await serve();
});
after(() => served.child.kill());

test("the story, in the order in which a page tells it", async () => {
  const { relay } = served;
  const mySession = session();
  const client = new SportelloClient({ relay, session: mySession, journal: memoryJournal(), timing: { watchFirstMs: 50, watchCapMs: 200 } });
  const given = await answers();
  const identity = Attachment.content(given["$5"] as never)!;
  const card = Attachment.content(given["$6"] as never)!;
  // ANCHOR: check
  const form = await client.service("assegno-unico");
  const request = {
    nome: "Rosalia",
    cognome: "Prova",
    codice_fiscale: "PRVRSL90E52H501B",
    email: "rosalia.prova@example.org",
    cellulare: "333 1234567",
    $5: await Attachment.from(identity, "carta.jpg"),
    $6: await Attachment.from(card, "tessera.pdf"),
  };
  for (const { field, code, texts } of form.check(request).findings) {
    console.log(field, code, texts.it); // $4 codice_fiscale.check_letter La lettera finale di controllo non torna…
  }
  // ANCHOR_END: check
  assert.deepEqual(form.check(request).findings.map((it) => it.code), ["codice_fiscale.check_letter"]);
  request.codice_fiscale = "PRVRSL90E52H501A";
  const before = (await ledger(served)).length;
  // ANCHOR: story
  const { dueNow } = client.quote(form);
  const submission = await client.submit(form, request, "rosalia-2026", { confirmPrice: dueNow });
  console.log(submission.charged); // yes: once, however often this is called with the same reference
  const update = await client.wait("rosalia-2026");
  if (update?.remote.progress === "delivered") {
    const { files } = await client.delivery("rosalia-2026");
    console.log(files.map(({ name, size }) => `${name}: ${size} bytes`));
  }
  // ANCHOR_END: story
  assert.equal(update?.remote.progress, "delivered");
  assert.equal((await ledger(served)).length - before, 1);
});

// What goes wrong in the middle: reloads, lost answers, hostile providers, browsers that lack something.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ANSWERS, ROSALIA, ROSETTA, axe, begin, complete, end, fill, ledger, open, photo, press, service } from "./browser.mjs";

before(begin);
after(end);

/** Notes what the bar of an upload shows. */
const BAR = `window.told = [];
  new MutationObserver(() => {
    const bar = document.querySelector("progress");
    if (bar) window.told.push([bar.max, bar.value]);
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["value", "max"] });`;

test("reloaded while it is handed in: resumed by its reference, one charge; uploads tell their bytes", async () => {
  const page = await open({ lang: "it", init: BAR });
  const before_ = (await ledger()).length;
  await complete(page);
  // The commit reaches the relay; its answer never reaches the page, which is reloaded meanwhile.
  let reached;
  const sent = new Promise((resolve) => (reached = resolve));
  await page.route("**/commit", async (route) => {
    await route.fetch();
    reached();
  });
  await press(page, /^Invia e paga/);
  await sent;
  const reference = await page.locator(".sportello-reference code").textContent();
  const told = await page.evaluate(() => window.told);
  assert.ok(told.some(([max, value]) => max > 50_000 && value === max), JSON.stringify(told));
  await page.unroute("**/commit");
  await page.reload();
  await page.getByRole("heading", { name: "Domanda inviata" }).waitFor();
  assert.equal(await page.locator(".sportello-reference code").textContent(), reference);
  await page.getByRole("button", { name: /^Scarica/ }).waitFor({ timeout: 20_000 });
  assert.equal((await ledger()).length - before_, 1);
  await page.context().close();
});

// Where a page can be gone: at each of its calls, before it has arrived.
for (const [name, route] of Object.entries({
  "the draft is opened": /\/submissions\/[^/]+$/,
  "a file is sent": /\/files\//,
  "the commit is sent": /\/commit$/,
})) {
  test(`reloaded when ${name}: goes on by itself with the sealed answers, one charge`, async () => {
    const page = await open({ lang: "it" });
    const before_ = (await ledger()).length;
    await complete(page);
    let reached;
    const sent = new Promise((resolve) => (reached = resolve));
    await page.route(route, async (route) => {
      if (route.request().method() === "OPTIONS") {
        return route.continue();
      }
      await route.abort();
      reached();
    });
    await press(page, /^Invia e paga/);
    await sent;
    const reference = await page.locator(".sportello-reference code").textContent();
    assert.equal((await ledger()).length, before_);
    await Promise.all([page.unroute(route), page.reload()]);
    await page.getByRole("heading", { name: "Domanda inviata" }).waitFor();
    assert.equal(await page.locator(".sportello-reference code").textContent(), reference);
    // To the end: the same applicant comes again in the next test.
    await page.getByRole("button", { name: /^Scarica/ }).waitFor({ timeout: 20_000 });
    assert.equal((await ledger()).length - before_, 1);
    await page.context().close();
  });
}

test("reloaded while typing: the answers are there again, and in the browser's database nobody can read them", async () => {
  const page = await open({ lang: "it" });
  await fill(page, ANSWERS);
  await photo(page, "$5", "identity-front.jpg");
  const kept = () =>
    page.evaluate(async () => {
      const opening = indexedDB.open("sportello");
      const database = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
      const all = (store) =>
        new Promise((resolve) => {
          const request = database.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
        });
      const keys = (await all("keys")).filter((key) => key instanceof CryptoKey);
      const pieces = (await all("drafts")).flatMap((entry) => (Array.isArray(entry) ? entry : [entry.head]));
      const text = pieces.map(({ data }) => new TextDecoder("latin1").decode(data)).join("\n");
      database.close();
      return { extractable: keys.map((key) => key.extractable), sealed: pieces.every(({ iv }) => iv?.length === 12), pieces: pieces.length, text };
    });
  // Kept after every answer; the last of them may still be on its way.
  for (let tries = 0; (await kept()).pieces < 2; tries += 1) {
    assert.ok(tries < 50, "no draft");
    await page.waitForTimeout(100);
  }
  const { extractable, sealed, text } = await kept();
  assert.deepEqual([extractable, sealed], [[false], true]);
  for (const canary of ["Rosella", "PRVRLL90E52H501S", "identity-front", "JFIF"]) {
    assert.ok(!text.includes(canary), canary);
  }
  await page.waitForTimeout(300);
  await page.reload();
  await page.getByRole("textbox", { name: /^Nome/ }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: /Codice fiscale/ }).inputValue(), ANSWERS.$4);
  await page.locator("bdi", { hasText: "identity-front.jpg" }).waitFor();
  await page.context().close();
});

test("no connection: what happened to the money is said, and trying again pays once", async () => {
  const page = await open({ lang: "en" });
  const before_ = (await ledger()).length;
  await complete(page, ROSALIA);
  await page.route("**/submissions/**", (route) => route.abort());
  await press(page, /^Hand in and pay/);
  await page.getByRole("alert").getByText("Nothing was paid.").waitFor();
  await axe(page, "problem-en");
  await page.unroute("**/submissions/**");
  await press(page, "Try again");
  await page.getByRole("heading", { name: "Request handed in" }).waitFor();
  assert.equal((await ledger()).length - before_, 1);
  await page.context().close();
});

test("a second request while the first is under way: nothing is paid, and it is said why", async () => {
  const page = await open({ lang: "en" });
  const before_ = (await ledger()).length;
  await complete(page, ROSALIA);
  await press(page, /^Hand in and pay/);
  const alert = page.getByRole("alert");
  await alert.getByText(/already under way/).waitFor();
  await alert.getByText("Nothing was paid.").waitFor();
  assert.equal((await ledger()).length, before_);
  await page.context().close();
});

test("a hostile provider's words are words: no script, no call elsewhere", async () => {
  const hostile = `<img src="https://evil.example/x.png" onerror="window.owned = 1"><script>window.owned = 1</script>`;
  const page = await open({ lang: "it", wait: false });
  const elsewhere = [];
  page.on("request", (request) => {
    if (!/^https?:\/\/(localhost|127\.0\.0\.1):|^blob:|^data:/.test(request.url())) {
      elsewhere.push(request.url());
    }
  });
  const found = await service();
  await page.route("**/services/*", async (route) => {
    const changed = structuredClone(found);
    for (const field of changed.form.fields) {
      field.label = `${field.label} ${hostile}`;
      field.help = hostile;
    }
    changed.form.fields[0].choices = [{ code: `"><script>`, description: hostile }];
    changed.instructionsHtml = `${hostile}<p onclick="window.owned=1">Vada <a href="javascript:window.owned=1">qui</a></p>`;
    await route.fulfill({ json: { data: changed }, headers: { "access-control-allow-origin": "*" } });
  });
  await page.reload();
  await page.getByRole("button", { name: "Continua" }).waitFor();
  await press(page, "Continua");
  await page.getByRole("group", { name: /cose da correggere/ }).waitFor();
  assert.equal(await page.evaluate(() => window.owned), undefined);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(await page.locator('main a[href^="javascript"]').count(), 0);
  assert.equal(await page.getByText("<img src=", { exact: false }).count() > 0, true);
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("alternatives: the group says that one is enough, and each of its fields is described by it", async () => {
  const page = await open({ lang: "en", wait: false });
  const found = await service();
  await page.route("**/services/*", async (route) => {
    const changed = structuredClone(found);
    changed.form.rule = "$0 && ($2 || $3)";
    await route.fulfill({ json: { data: changed }, headers: { "access-control-allow-origin": "*" } });
  });
  await page.reload();
  await page.getByRole("button", { name: "Continue" }).waitFor();
  await press(page, "Continue");
  const group = page.locator("p.callout");
  await group.waitFor();
  assert.match(await group.textContent(), /one of them is enough/i);
  await axe(page, "alternatives-en");
  const id = await group.getAttribute("id");
  assert.equal(await page.locator(`[aria-describedby~="${id}"]`).count(), 2);
  // An answer to one of them is enough.
  await fill(page, { $2: ANSWERS.$2 });
  await group.waitFor({ state: "detached" });
  await page.context().close();
});

test("without WebAssembly: it is said, and the relay checks", async () => {
  const page = await open({ lang: "it", init: "delete globalThis.WebAssembly" });
  await page.getByText("Questo browser non può controllare le risposte").waitFor();
  await fill(page, { $4: "PRVRLL90E52H501X" });
  const asked = page.waitForRequest("**/check");
  await press(page, "Continua");
  await asked;
  await page.getByRole("group", { name: /cose da correggere/ }).waitFor();
  await page.locator(".just-validate-error-label", { hasText: "lettera finale di controllo" }).waitFor();
  await axe(page, "no-wasm-it");
  await page.context().close();
});

test("where it ends otherwise: cancelled with the office's words, and a search without results", async () => {
  for (const [progress, words, answers] of [
    ["cancelled", "Le bureau a annulé la demande", ANSWERS],
    ["no_results", "La recherche n’a rien trouvé", ROSETTA],
  ]) {
    const page = await open({ lang: "fr" });
    await complete(page, answers);
    await page.route(/\/submissions\/[^/]+$/, async (route) => {
      const answer = await route.fetch();
      const said = await answer.json();
      if (said.data?.phase === "committed") {
        Object.assign(said.data, { progress, note: { code: "altro", info: "Manca il mandato firmato" } });
      }
      await route.fulfill({ response: answer, json: said });
    });
    await press(page, /^Envoyer et payer/);
    await page.locator(".sportello-steps").getByText(words).waitFor();
    const note = page.getByText("Manca il mandato firmato");
    await note.waitFor();
    assert.equal(await note.getAttribute("lang"), "it");
    await axe(page, `${progress}-fr`);
    await page.context().close();
  }
});

// The whole story in a real browser, on the built page under its strict policy.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ANSWERS, axe, begin, end, fill, ledger, names, open, photo, press, tabTo } from "./browser.mjs";

before(begin);
after(end);

for (const [lang, words] of Object.entries({
  it: { goOn: "Continua", pay: /^Invia e paga/, receipt: "Domanda inviata", download: /^Scarica/ },
  fr: { goOn: "Continuer", pay: /^Envoyer et payer/, receipt: "Demande envoyée", download: /^Télécharger/ },
})) {
  test(`from the empty form to the documents, by keyboard alone (${lang})`, async () => {
    const page = await open({ lang });
    assert.equal(await page.locator("html").getAttribute("lang"), lang);
    const before_ = (await ledger()).length;
    await fill(page, ANSWERS);
    await photo(page, "$5", "identity-front.jpg");
    await photo(page, "$6", "codice-fiscale-card.pdf");
    await tabTo(page, page.getByRole("button", { name: words.goOn }));
    await page.keyboard.press("Enter");
    const pay = page.getByRole("button", { name: words.pay });
    await pay.waitFor();
    await axe(page, `review-${lang}`);
    await tabTo(page, pay);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: words.receipt }).waitFor();
    await axe(page, `receipt-${lang}`);
    const get = page.getByRole("button", { name: words.download });
    await get.waitFor({ timeout: 20_000 });
    await axe(page, `delivered-${lang}`);
    const download = page.waitForEvent("download");
    await tabTo(page, get);
    await page.keyboard.press("Enter");
    assert.match((await download).suggestedFilename(), /\.zip$/);
    const charges = (await ledger()).slice(before_);
    assert.deepEqual(charges.map((charge) => charge.amount_cents), [1900]);
    await page.context().close();
  });
}

test("mistakes: the summary has the focus, leads to the field, and what is right goes away", async () => {
  const page = await open({ lang: "it" });
  await page.getByRole("button", { name: "Continua" }).waitFor();
  await axe(page, "form-it");
  await fill(page, { ...ANSWERS, $4: "PRVRLL90E52H501X", $2: "rosella.example.org" });
  const tax = page.getByRole("textbox", { name: /Codice fiscale/ });
  // Once it was left, before anybody has gone on.
  assert.equal(await tax.getAttribute("aria-invalid"), "true");
  await tabTo(page, page.getByRole("button", { name: "Continua" }));
  await page.keyboard.press("Enter");
  const summary = page.getByRole("group", { name: /cose da correggere/ });
  await summary.waitFor();
  assert.equal(await summary.evaluate((it) => it === document.activeElement), true);
  assert.match(await page.title(), /^Errore \(4\)/);
  await axe(page, "errors-it");
  // Every described-by names something that is there.
  const dangling = await page.evaluate(() =>
    [...document.querySelectorAll("[aria-describedby]")].flatMap((it) =>
      it.getAttribute("aria-describedby").split(" ").filter((id) => !document.getElementById(id)),
    ),
  );
  assert.deepEqual(dangling, []);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await tax.evaluate((it) => it === document.activeElement), true);
  await tax.fill("PRVRLL90E52H501S");
  assert.equal(await tax.getAttribute("aria-invalid"), null);
  await page.context().close();
});

test("a warning is accepted by somebody who has looked, and again once it changes", async () => {
  const page = await open({ lang: "en" });
  await fill(page, { ...ANSWERS, $1: "Rossi" });
  await photo(page, "$5", "identity-front.jpg");
  await photo(page, "$6", "codice-fiscale-card.pdf");
  await press(page, "Continue");
  await page.getByRole("group", { name: "There is one thing to check again" }).waitFor();
  await axe(page, "warning-en");
  const box = page.getByRole("checkbox", { name: "I have checked, it is right" });
  await tabTo(page, box);
  await page.keyboard.press("Space");
  assert.equal(await box.isChecked(), true);
  const name = page.getByRole("textbox", { name: /Surname/ });
  await name.fill("Rosso");
  assert.equal(await box.isChecked(), false);
  await box.press("Space");
  await press(page, "Continue");
  await page.getByRole("heading", { name: "Check your answers" }).waitFor();
  await page.context().close();
});

test("a search that found several: one is chosen, and it goes on to the documents", async () => {
  const page = await open({ lang: "de", wait: false });
  // The page asks for its service by name; here it gets one that searches first.
  await page.route("**/services", async (route) => {
    const answer = await route.fetch();
    const { data } = await answer.json();
    const searching = data.filter((it) => it.name === "Visura Camerale Ordinaria con Ricerca");
    await route.fulfill({ response: answer, json: { data: searching.map((it) => ({ ...it, name: "Domanda Assegno Unico" })) } });
  });
  await page.reload();
  const before_ = (await ledger()).length;
  await page.getByRole("textbox").first().fill("Prova srl");
  await press(page, "Weiter");
  await press(page, /zahlen$/);
  await page.getByRole("heading", { name: "Wählen Sie das richtige Ergebnis" }).waitFor({ timeout: 20_000 });
  const pay = page.getByRole("button", { name: /Auswählen und .* zahlen/ });
  await pay.press("Enter");
  await page.getByRole("alert").getByText("Wählen Sie zuerst ein Ergebnis.").waitFor();
  await axe(page, "choice-de");
  const second = page.getByRole("radio", { name: "Ergebnis 2" });
  await second.press("Space");
  assert.equal(await second.isChecked(), true);
  await pay.press("Enter");
  await page.getByRole("button", { name: /herunterladen$/ }).waitFor({ timeout: 20_000 });
  assert.equal((await ledger()).length - before_, 2);
  await page.context().close();
});

test("two photos become one PDF", async () => {
  const page = await open({ lang: "de" });
  await photo(page, "$5", "identity-front.jpg");
  await photo(page, "$5", "identity-back.jpg", "-more");
  await page.getByText(/Eine PDF-Datei: identity-front\.pdf/).waitFor();
  await axe(page, "photos-de");
  await page.getByRole("button", { name: "Entfernen identity-back.jpg" }).press("Enter");
  await page.getByText(/Eine PDF-Datei/).waitFor({ state: "detached" });
  await page.context().close();
});

test("the language changes in the middle and nothing typed is lost", async () => {
  const page = await open({ lang: "it" });
  await fill(page, ANSWERS);
  await page.getByRole("button", { name: "Français" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  assert.equal(await page.getByRole("textbox", { name: /Nom de famille/ }).inputValue(), "Prova");
  // The provider's own words stay Italian, and are marked so.
  const provider = page.getByText("CODICE FISCALE FRONTE/RETRO");
  assert.equal(await provider.getAttribute("lang"), "it");
  assert.equal((await names(page)).every((name) => name.trim() !== ""), true);
  await page.context().close();
});

for (const scheme of ["light", "dark"]) {
  test(`320 pixels wide, ${scheme}: nothing scrolls sideways, targets are large enough`, async () => {
    const page = await open({ lang: "de", width: 320, scheme });
    await page.getByRole("button", { name: "Weiter" }).waitFor();
    await fill(page, { ...ANSWERS, $1: "Rossi", $2: "rosella" });
    await photo(page, "$5", "identity-front.jpg");
    await press(page, "Weiter");
    await page.getByRole("group", { name: /zu berichtigen/ }).waitFor();
    await axe(page, `narrow-${scheme}-errors`);
    await page.getByRole("textbox", { name: /E-Mail/ }).fill(ANSWERS.$2);
    await page.getByRole("textbox", { name: /Nachname/ }).fill(ANSWERS.$1);
    await photo(page, "$6", "codice-fiscale-card.pdf");
    await press(page, "Weiter");
    await page.getByRole("button", { name: /zahlen/ }).waitFor();
    await axe(page, `narrow-${scheme}-review`);
    await page.context().close();
  });
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FILE_LIMIT_BYTES, deliveryEstimate, ServiceForm, instructionsText, nextStep, quote } from "sportello";

const vectors = JSON.parse(readFileSync(`${process.env["SPORTELLO_VECTORS"]}/form/assegno-unico.json`, "utf8")) as {
  service: object;
};

test("a price is net, VAT and gross, with the options that are taken", () => {
  const form = ServiceForm.fromJson(vectors.service);
  assert.deepEqual(quote(form), {
    dueNow: "19.00",
    dueOnChoice: "0.00",
    total: "19.00",
    vat: "4.18",
    gross: "23.18",
    options: [],
  });
  assert.equal(quote(form, ["urgenza"])?.gross, "28.06");
  assert.equal(quote(form, ["no such"]), null);
});

test("what comes next is said in every language", () => {
  assert.match(nextStep("delivered", "committed").en, /documents are ready/);
  assert.match(nextStep("processing", "committed").it, /non deve fare nulla/i);
  assert.match(nextStep("processing", "committed", true).de, /Nachricht/);
  assert.match(nextStep("cancelled", "dead").fr, /rien n'a été payé/);
  assert.match(nextStep("what", "ever").en, /does not know/);
});

test("when documents can be expected, and how large a file may be", () => {
  // A Friday morning in Rome: one working day, and two, of which the weekend is none.
  const friday = new Date("2026-03-06T09:00:00Z");
  const { earliest, latest } = deliveryEstimate(friday);
  assert.deepEqual(
    [earliest, latest].map((moment) => new Date(moment).toISOString()),
    ["2026-03-09T09:00:00.000Z", "2026-03-10T09:00:00.000Z"],
  );
  assert.equal(FILE_LIMIT_BYTES, 100 * 1024 * 1024);
});

test("instructions are text, whatever they are", () => {
  const html = `<p>Prima <b>riga</b></p><script>alert(1)</script><p onclick="x()">Seconda</p>`;
  const service = structuredClone(vectors.service) as { json_struttura: { istruzioni: string } };
  service.json_struttura.istruzioni = Buffer.from(html).toString("base64");
  assert.equal(instructionsText(ServiceForm.fromJson(service)), "Prima riga\nSeconda");
});

// What a check costs here: `node scripts/bench.mjs VECTORS`. Medians of samples, in microseconds; the answers differ from call to call.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Attachment, ServiceForm, checkValue } from "sportello/check";

const vectors = process.argv[2] ?? "../../core/vectors";
const { service } = JSON.parse(readFileSync(join(vectors, "form/assegno-unico.json"), "utf8"));
const form = ServiceForm.fromJson(service);
const pdf = new Blob(["%PDF-1.7\n1 0 obj\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n25\n%%EOF\n"], { type: "application/pdf" });
const files = { $5: await Attachment.from(pdf, "carta.pdf"), $6: await Attachment.from(pdf, "tessera.pdf") };
const good = ["Rosalia", "ROSALIA"].map((name) => ({
  $0: name,
  $1: "Prova",
  $2: "rosalia.prova@example.org",
  $3: "333 1234567",
  $4: "PRVRSL90E52H501A",
  ...files,
}));
const wrong = good.map((answers) => ({ ...answers, $2: "rosalia.prova@example", $4: "PRVRSL90E52H501B", $5: { file: { name: "a.pdf", mime: "application/pdf", size: 0 } } }));

function median(call) {
  const samples = [];
  for (let round = 0; round < 120; round += 1) {
    const before = performance.now();
    for (let times = 0; times < 1000; times += 1) {
      call(times & 1);
    }
    samples.push(performance.now() - before);
  }
  // A thousand calls in so many milliseconds are so many microseconds for one.
  return samples.sort((one, other) => one - other)[60];
}

const expect = (report, errors) => {
  if (report.findings.filter((finding) => finding.severity === "error").length !== errors) {
    throw new Error("the answers are not what is measured");
  }
};
good.forEach((answers) => expect(form.check(answers), 0));
wrong.forEach((answers) => expect(form.check(answers), 3));
const rows = {
  "check, good": (turn) => form.check(good[turn]),
  "check, three errors": (turn) => form.check(wrong[turn]),
  "check, three errors and their texts": (turn) => form.check(wrong[turn]).findings.map((finding) => finding.texts.it),
  "checkField, good, alone": (turn) => form.checkField("$2", good[turn].$2),
  "checkField, good, among the others": (turn) => form.checkField("$4", good[turn].$4, good[turn]),
  "required": (turn) => form.required(good[turn]),
  "checkValue, a codice fiscale": (turn) => checkValue("codice_fiscale_persona", good[turn].$4),
};
for (const [name, call] of Object.entries(rows)) {
  console.log(`bench: ${name.padEnd(36)} ${median(call).toFixed(2)} us`);
}

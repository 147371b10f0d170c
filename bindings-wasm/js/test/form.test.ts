// What belongs to JavaScript alone: errors, plain objects, loading, files, Standard Schema.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

import {
  type Answers,
  AssegnoUnico,
  Attachment,
  CodiceFiscale,
  type Lang,
  Service,
  ServiceForm,
  SportelloError,
  checkValue,
  findingText,
  isSportelloError,
  pages,
  toJsonSchema,
} from "sportello";

const vectors = process.env["SPORTELLO_VECTORS"] ?? "../../core/vectors";

const caught = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
};

const described = (name: string): object =>
  (JSON.parse(readFileSync(join(vectors, "form", `${name}.json`), "utf8")) as { service: object }).service;

const pdf = (): Blob => new Blob(["%PDF-1.7\n1 0 obj\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"], { type: "application/pdf" });

async function good(): Promise<Answers> {
  return {
    $0: "Rosalia",
    $1: "Prova",
    $2: "rosalia.prova@example.org",
    $3: "333 1234567",
    $4: "PRVRSL90E52H501A",
    $5: await Attachment.from(pdf(), "carta.pdf"),
    $6: await Attachment.from(pdf(), "tessera.pdf"),
  };
}

test("a broken description is an error with a code", () => {
  const error = caught(() => ServiceForm.fromJson("not json"));
  assert.ok(error instanceof SportelloError && error instanceof Error && isSportelloError(error, "schema.not_json"));
  assert.equal(error.name, "SportelloError");
  assert.deepEqual(error.details, {});
  assert.ok(error.message.length > 0 && error.stack);
});

test("an unknown kind is an error", () => {
  assert.ok(isSportelloError(caught(() => checkValue("shoe_size", "42")), "check.kind_unknown"));
});

test("a foreign error is not taken for ours", () => {
  assert.equal(isSportelloError(new Error("no")), false);
  assert.equal(isSportelloError({ name: "SportelloError", code: "x" }), false);
});

test("a finding is plain data with a text in every language", () => {
  const [finding] = checkValue("codice_fiscale", "RSSMRA85T10A562X");
  assert.ok(finding);
  assert.equal(Object.getPrototypeOf(finding), Object.prototype);
  assert.equal(Object.getPrototypeOf(finding.params), Object.prototype);
  assert.deepEqual(structuredClone(finding), JSON.parse(JSON.stringify(finding)));
  const langs: Lang[] = ["it", "en", "fr", "de"];
  const texts = new Set(langs.map((lang) => findingText(finding, lang)));
  assert.equal(texts.size, langs.length);
  assert.equal(findingText(finding), findingText(finding, "it"));
});

test("answers that can't be read are an error that quotes none of them", () => {
  using form = ServiceForm.fromJson(described("assegno-unico"));
  for (const wrong of ["PRVRSL90E52H501A", null, ["PRVRSL90E52H501A"], { $0: 7 }, { $5: { file: { name: "PRVRSL90E52H501A" } } }]) {
    const error = caught(() => form.check(wrong as unknown as Answers));
    assert.ok(isSportelloError(error, "answers.not_readable"));
    assert.ok(!error.message.includes("PRVRSL"));
  }
});

test("what separates on the way is refused like any character that can't be seen", () => {
  using form = ServiceForm.fromJson(described("assegno-unico"));
  for (const wrong of ["Rosa\0lia", "\x02" + "0", "Rosa\x1elia"]) {
    const found = form.check({ $0: wrong }).findings.filter((finding) => finding.field === "$0");
    assert.deepEqual(found.map((finding) => finding.code), ["text.control_character"], JSON.stringify(wrong));
  }
});

test("a file is read at its two ends only", async () => {
  const read: [number, number][] = [];
  const large = new (class extends Blob {
    override get size(): number {
      return 80_000_000;
    }
    override slice(from = 0, to = this.size): Blob {
      read.push([from, to]);
      return super.slice(0, 10);
    }
    override arrayBuffer(): Promise<ArrayBuffer> {
      return assert.fail("the whole file is read");
    }
  })([pdf()], { type: "application/pdf" });
  const answer = await Attachment.from(large, "scan.pdf");
  assert.deepEqual(read, [
    [0, 4096],
    [80_000_000 - 65_536, 80_000_000],
  ]);
  assert.deepEqual([answer.file.name, answer.file.mime, answer.file.size], ["scan.pdf", "application/pdf", 80_000_000]);
});

test("the offline story: a service, its form, answers from data, what is missing, corrections", async () => {
  const service = Service.fromJson(described("assegno-unico"));
  assert.deepEqual([service.info.name, service.info.price, service.info.options[0]?.price], ["Domanda Assegno Unico", "19.00", "4.00"]);
  const { form } = service;
  const answers = new AssegnoUnico({
    givenName: "Rosalia",
    familyName: "Prova",
    email: "rosalia.prova@example.org",
    mobile: "333 1234567",
    codiceFiscale: "prvrsl90e52h501a",
    identityDocument: await Attachment.from(pdf(), "carta.pdf"),
    codiceFiscaleCard: await Attachment.from(pdf(), "tessera.pdf"),
  }).answers(form);
  const report = form.check(answers);
  assert.deepEqual(report.findings.map((finding) => finding.code), ["codice_fiscale.case"]);
  const corrected = form.corrected(answers, report);
  assert.equal(form.check(corrected).ok, true);
  assert.deepEqual(form.missingSets({ ...corrected, $0: "" }).sets, [["$0"]]);
  assert.equal(toJsonSchema(form, "en")["type"], "object");
  const other = ServiceForm.fromJson(described("alternatives"));
  const card = await Attachment.from(pdf());
  const data = new AssegnoUnico({
    ...{ givenName: "", familyName: "", email: "", mobile: "", codiceFiscale: "" },
    ...{ identityDocument: card, codiceFiscaleCard: card },
  });
  assert.ok(isSportelloError(caught(() => data.answers(other)), "form.no_field"));
});

test("a codice fiscale is read, made and compared", () => {
  const person = { surname: "Prova", name: "Rosalia", sex: "F", birthDate: "1990-05-12", birthplace: "H501" } as const;
  const code = CodiceFiscale.encode(person);
  assert.equal(String(code), "PRVRSL90E52H501A");
  assert.equal(code.variants.length, 128);
  assert.equal(code.coherence(person).isCoherent, true);
  const swapped = code.coherence({ surname: "Rosalia", name: "Prova" });
  assert.deepEqual([swapped.isSwapped, swapped.findings.map((finding) => finding.code)], [true, ["coherence.swapped"]]);
  const error = caught(() => CodiceFiscale.parse("PRVRSL90E52H501B"));
  assert.ok(isSportelloError(error, "codice_fiscale.check_letter"));
  assert.ok(isSportelloError(caught(() => code.coherence({ birthDate: "12-05-1990" })), "person.not_readable"));
  assert.ok(isSportelloError(caught(() => CodiceFiscale.encode({ ...person, birthplace: "A000" })), "encode.birthplace"));
});

test("two photos become one PDF, which the form takes", async () => {
  const photo = new Blob([readFileSync("../../core/tests/pages/rgb.jpg")], { type: "image/jpeg" });
  const both = await pages([photo, await Attachment.from(photo, "retro.jpg")]);
  assert.deepEqual([both.file.mime, Attachment.content(both)?.size], ["application/pdf", both.file.size]);
  using form = ServiceForm.fromJson(described("assegno-unico"));
  assert.deepEqual(form.checkField("$5", both).findings, []);
  await assert.rejects(pages([pdf(), pdf()]), (error) => isSportelloError(error, "pages.not_a_photo"));
});

test("Standard Schema: errors are issues under the caller's own names, files come as a page has them", async () => {
  using form = ServiceForm.fromJson(described("assegno-unico"), { lang: "en" });
  const schema = form["~standard"];
  assert.deepEqual([schema.version, schema.vendor], [1, "sportello"]);
  const answers = await good();
  assert.deepEqual(await schema.validate(answers), { value: answers });
  const wrong = await schema.validate({ ...answers, $4: undefined, codice_fiscale: "PRVRSL90E52H501B", $5: pdf() });
  assert.deepEqual(wrong.issues?.map((issue) => issue.path), [["codice_fiscale"]]);
  assert.match(wrong.issues?.[0]?.message ?? "", /letter/);
  assert.equal((await schema.validate(7)).issues?.length, 1);
  // A warning stops nobody.
  assert.equal((await schema.validate({ ...answers, $3: "12" })).issues, undefined);
});

test("`require` gives the same library, and importing loads nothing", () => {
  const required = createRequire(import.meta.url)("sportello") as typeof import("sportello");
  assert.equal(required.SportelloError, SportelloError);
  const script = `
    WebAssembly.Module = class { constructor() { throw new Error("loaded") } };
    await import("sportello"); await import("sportello/check"); console.log("nothing");
  `;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }), "nothing\n");
});

test("the browser's build must be loaded first, from an address or from bytes; what fails says why", () => {
  // In a process of its own: here the library is loaded already.
  const script = `
    import { readFileSync } from "node:fs";
    import { checkValue, init } from "./dist/web.js";
    try { checkValue("date", "x") } catch (error) { console.log(error.name, error.code) }
    await init(new Uint8Array(8)).catch((error) => console.log(error.code, error.message.includes("optimizeDeps")));
    await Promise.all([init(readFileSync("dist/full/sportello_bg.wasm")), init()]);
    console.log(checkValue("date", "x").length > 0);
  `;
  const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  assert.equal(out, "SportelloError library.not_loaded\nlibrary.not_loaded true\ntrue\n");
});

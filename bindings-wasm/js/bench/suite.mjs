// What is measured, in Node and in Chromium alike: the form of the Assegno Unico with answers of sixteen invented persons, and what pages use otherwise for the same.
// Each call has other answers than the one before. The peers check less: no peer looks at files, rules, places and whether the code is the person's.
import Ajv from "ajv";
import ajvErrors from "ajv-errors";
import codiceFiscaleJs from "codice-fiscale-js";
import validator from "validator";
import * as z from "zod";

const { isEmail, isMobilePhone, isTaxID } = validator;
const { CodiceFiscale } = codiceFiscaleJs;
const CODE = /^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$/;
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/** The rows: what, by whom, the call, and what it must say. */
export async function rows(sportello, service, persons) {
  const form = sportello.ServiceForm.fromJson(service);
  const pdf = new Blob(["%PDF-1.7\n1 0 obj\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n25\n%%EOF\n"], { type: "application/pdf" });
  const files = { $5: await sportello.Attachment.from(pdf, "carta.pdf"), $6: await sportello.Attachment.from(pdf, "tessera.pdf") };
  const empty = { file: { name: "carta.pdf", mime: "application/pdf", size: 0 } };
  const good = persons.map(({ name, surname, code, email, phone }) => ({ $0: name, $1: surname, $2: email, $3: phone, $4: code, ...files }));
  const wrong = good.map((answers) => {
    const last = answers.$4.at(-1) === "A" ? "B" : "A";
    return { ...answers, $2: answers.$2.replace(".org", ""), $4: answers.$4.slice(0, -1) + last, $5: empty };
  });

  const file = { type: "object", properties: { file: { type: "object", properties: { size: { type: "number", minimum: 1 } }, required: ["size"] } }, required: ["file"] };
  const text = { type: "string", minLength: 1, maxLength: 1000 };
  const ajv = ajvErrors(new Ajv({ allErrors: true })).compile({
    type: "object",
    required: ["$0", "$1", "$2", "$3", "$4", "$5", "$6"],
    properties: {
      ...{ $0: text, $1: text, $3: text, $5: { ...file, errorMessage: "il file è vuoto" }, $6: { ...file, errorMessage: "il file è vuoto" } },
      $2: { type: "string", pattern: EMAIL.source, errorMessage: "non è un indirizzo e-mail" },
      $4: { type: "string", pattern: CODE.source, errorMessage: "non è un codice fiscale" },
    },
  });
  const zodFile = z.object({ file: z.object({ size: z.number().min(1, "il file è vuoto") }) });
  const zodText = z.string().min(1).max(1000);
  const zod = z.object({
    ...{ $0: zodText, $1: zodText, $3: zodText, $5: zodFile, $6: zodFile },
    $2: z.email("non è un indirizzo e-mail"),
    $4: z.string().refine((code) => isTaxID(code, "it-IT"), "non è un codice fiscale"),
  });
  const byHand = (answers) => {
    const errors = [];
    for (const key of ["$0", "$1"]) {
      if (answers[key] === "") errors.push([key, "manca"]);
    }
    if (!isEmail(answers.$2)) errors.push(["$2", "non è un indirizzo e-mail"]);
    if (!isMobilePhone(answers.$3.replaceAll(" ", ""), "it-IT")) errors.push(["$3", "non è un numero di cellulare"]);
    if (!isTaxID(answers.$4, "it-IT")) errors.push(["$4", "non è un codice fiscale"]);
    for (const key of ["$5", "$6"]) {
      if (answers[key].file.size === 0) errors.push([key, "il file è vuoto"]);
    }
    return errors;
  };
  const errors = (report) => report.findings.filter((finding) => finding.severity === "error").length;
  const zodErrors = (result) => result.error?.issues.length ?? 0;
  // ajv has no check letter: one error less.
  const ajvErrorsOf = (answers) => (ajv(answers) ? 0 : ajv.errors.length);
  return [
    ["the form, good", "sportello", (at) => errors(form.check(good[at])), 0],
    ["the form, good", "zod + isTaxID", (at) => zodErrors(zod.safeParse(good[at])), 0],
    ["the form, good", "ajv + ajv-errors", (at) => ajvErrorsOf(good[at]), 0],
    ["the form, good", "validator.js", (at) => byHand(good[at]).length, 0],
    ["the form, three errors", "sportello", (at) => errors(form.check(wrong[at])), 3],
    ["the form, three errors", "zod + isTaxID", (at) => zodErrors(zod.safeParse(wrong[at])), 3],
    ["the form, three errors", "ajv + ajv-errors", (at) => ajvErrorsOf(wrong[at]), 2],
    ["the form, three errors", "validator.js", (at) => byHand(wrong[at]).length, 3],
    ["an e-mail as it is typed", "sportello", (at) => errors(form.checkField("$2", good[at].$2)), 0],
    ["an e-mail as it is typed", "validator.js", (at) => Number(!isEmail(good[at].$2)), 0],
    ["a code among the others", "sportello", (at) => errors(form.checkField("$4", good[at].$4, good[at])), 0],
    ["a wrong code among the others", "sportello", (at) => errors(form.checkField("$4", wrong[at].$4, good[at])), 1],
    ["a codice fiscale alone", "sportello", (at) => sportello.checkValue("codice_fiscale_persona", good[at].$4).length, 0],
    ["a codice fiscale alone", "validator.js", (at) => Number(!isTaxID(good[at].$4, "it-IT")), 0],
    ["a codice fiscale alone", "codice-fiscale-js", (at) => Number(!CodiceFiscale.check(good[at].$4)), 0],
  ];
}

/** Microseconds for a call: the median of many samples, each short enough that another program's turn spoils few of them. */
export function measure([what, who, call, expected]) {
  for (let at = 0; at < 16; at += 1) {
    const said = call(at);
    if (said !== expected) {
      throw new Error(`${what}, ${who}: ${said} errors, not ${expected}: this is not what is measured`);
    }
  }
  const sample = (calls) => {
    let sum = 0;
    const before = performance.now();
    for (let turn = 0; turn < calls; turn += 1) {
      sum += call(turn & 15);
    }
    const took = performance.now() - before;
    return sum === expected * calls ? took : NaN;
  };
  let calls = 16;
  while (sample(calls) < 1 && calls < 1 << 20) {
    calls *= 2;
  }
  const samples = Array.from({ length: 300 }, () => (sample(calls) * 1000) / calls);
  return samples.sort((one, other) => one - other)[150];
}

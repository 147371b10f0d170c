// On a server: the form is rendered there, and what is meant for browsers can be imported without doing anything.
import { readFileSync } from "node:fs";

import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { ServiceForm } from "sportello";

import { HookForm, TanstackForm } from "./forms/forms.js";

const vectors = new URL("../../../../core/vectors/form/assegno-unico.json", import.meta.url);
const service = ServiceForm.fromJson(JSON.parse(readFileSync(vectors, "utf8")).service);
for (const form of [HookForm, TanstackForm]) {
  const html = renderToString(h(form, { service, onDone: () => undefined }));
  if (!html.includes("CODICE FISCALE")) {
    throw new Error(`no form: ${html}`);
  }
}
const globals = Object.keys(globalThis).length;
for (const entry of ["web.js", "check-web.js", "render/index.js"]) {
  await import(new URL(`../node_modules/sportello/dist/${entry}`, import.meta.url));
}
if (Object.keys(globalThis).length !== globals) {
  throw new Error("importing it changed the globals");
}
console.log("ok");

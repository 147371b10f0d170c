import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { ServiceForm, init } from "sportello/check";

import described from "../../../../../core/vectors/form/assegno-unico.json";
import { HookForm, TanstackForm } from "./forms.js";

const done = (name) => () => (document.body.dataset[name] = "done");

await init();
// Two of the form's kind: one with files, one whose rule asks for none.
const whole = ServiceForm.fromJson(described.service);
createRoot(document.getElementById("hook")).render(h(HookForm, { service: whole, onDone: done("hook") }));
createRoot(document.getElementById("tanstack")).render(h(TanstackForm, { service: whole, onDone: done("tanstack") }));
document.title = "ok";

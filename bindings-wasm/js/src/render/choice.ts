import { fill, focusOn, h } from "./dom.js";
import { type LookOptions, lookOf } from "./form.js";
import { money, put } from "./texts.js";

/** A result that can be chosen. */
export interface ResultView {
  /** What it is chosen by. */
  id: string;
  /** What the provider says of it, in Italian: names and values. */
  values: Readonly<Record<string, string>>;
}

export interface ChoiceOptions extends LookOptions {
  searches: readonly { results: readonly ResultView[] }[];
  /** The net price of the choice, a decimal text. */
  price: string;
  /** This result at this price, which the person has seen. */
  onChoose(result: string): void;
}

/** The results of a search, of which one is chosen and paid. */
export function renderChoice(options: ChoiceOptions): HTMLElement {
  const { texts, classes, lang } = lookOf(options);
  const results = options.searches.flatMap((search) => search.results);
  const heading = h("h2", { id: "sportello-choice", class: classes.heading }, texts.choiceTitle);
  const trouble = h("p", { id: "sportello-choice-trouble", class: classes.error, role: "alert" });
  const boxes: HTMLInputElement[] = [];
  const items = results.map(({ values }, index) => {
    const id = `sportello-result-${index}`;
    const box = h("input", { type: "radio", name: "sportello-result", id, "aria-describedby": `${id}-values` });
    boxes.push(box);
    // What begins so is the register's own bookkeeping.
    const said = Object.entries(values).filter(([name]) => !name.split(".").at(-1)?.startsWith("!"));
    const rows = said.map(([name, value]) =>
      // A nested name is told by its last part.
      h("div", {}, h("dt", {}, name.split(".").at(-1) ?? name), h("dd", {}, h("bdi", {}, value))),
    );
    return h(
      "div",
      { class: "sportello-result" },
      box,
      h("label", { for: id }, put(texts.resultName, { n: index + 1 })),
      h("dl", { id: `${id}-values`, class: classes.list, lang: "it" }, ...rows),
    );
  });
  const pay = h("button", { type: "submit", class: classes.primary }, put(texts.choosePay, { price: money(options.price, lang) }));
  const form = h(
    "form",
    { novalidate: true },
    h("fieldset", { class: "sportello-results", "aria-labelledby": heading.id, "aria-describedby": trouble.id }, ...items),
    trouble,
    h("p", {}, texts.onceOnly),
    h("div", { class: classes.actions }, pay),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = results[boxes.findIndex((box) => box.checked)];
    if (!chosen) {
      fill(trouble, texts.pickResult);
      boxes[0]?.focus();
      return;
    }
    // Chosen once: whatever happens now, the caller goes on by the reference.
    pay.disabled = true;
    options.onChoose(chosen.id);
  });
  const element = h("section", { class: classes.root, lang }, heading, h("p", { class: classes.lead }, texts.choiceLead), form);
  queueMicrotask(() => focusOn(heading));
  return element;
}

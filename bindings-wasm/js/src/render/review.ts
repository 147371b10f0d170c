import type { Answers } from "../types.js";
import { button, fill, focusOn, h, heard } from "./dom.js";
import { type LookOptions, lookOf } from "./form.js";
import { type FieldSource, wordsOf } from "./source.js";
import { fileSize, money, put } from "./texts.js";

/** What it will cost; a `Quote`. Amounts are decimal strings in EUR. */
export interface PriceView {
  /** Net: what `confirmPrice` must say. */
  dueNow: string;
  /** Net, due when a search result is chosen. */
  dueOnChoice: string;
  total: string;
  vat: string;
  gross: string;
}

export interface ReviewOptions extends LookOptions {
  fields: readonly FieldSource[];
  answers: Answers;
  /** The price with these extras. */
  quote(options: readonly string[]): PriceView;
  /** Extras that can be had. */
  extras?: readonly { name: string; price: string }[];
  /** A row's "Change" was chosen. */
  onChange(key: string): void;
  /** Hand in at this price, which the person has seen. */
  onHandIn(confirmPrice: string, options: string[]): void;
}

/** The check of the answers, with the price: the last page before it is paid. */
export function renderReview(options: ReviewOptions): HTMLElement {
  const look = lookOf(options);
  const { texts, classes, lang } = look;
  const chosen = new Set<string>();

  const rows = options.fields.map((field) => {
    const words = wordsOf(field, lang);
    const answer = options.answers[field.key];
    let value: HTMLElement;
    if (answer === undefined || answer === null) {
      value = h("span", { class: classes.muted }, texts.notGiven);
    } else if (typeof answer === "string") {
      const choice = field.choices.find((it) => it.code === answer);
      value = h("bdi", { lang: choice ? "it" : null }, choice?.description || answer);
    } else {
      value = h("span", {}, h("bdi", {}, answer.file.name), ` (${fileSize(answer.file.size, lang)})`);
    }
    const change = button(classes.link, () => options.onChange(field.key), texts.change, heard(` ${words.label}`));
    return h(
      "div",
      {},
      h(
        "dt",
        {},
        h("span", { lang: words.isProviders ? "it" : null }, words.label),
        words.provider === null ? null : h("span", { class: "sportello-provider", lang: "it" }, words.provider),
      ),
      h("dd", {}, value),
      h("dd", { class: "sportello-change" }, change),
    );
  });

  const price = h("div", { "aria-live": "polite" });
  const pay = button(`${classes.primary} sportello-pay`, () => {
    const names = [...chosen];
    pay.disabled = true;
    options.onHandIn(options.quote(names).dueNow, names);
  });
  const draw = (): void => {
    const quote = options.quote([...chosen]);
    const line = (name: string, amount: string, isTotal = false): HTMLElement =>
      h(
        "tr",
        { class: isTotal ? "sportello-total" : null },
        h("th", { scope: "row" }, name),
        h("td", {}, money(amount, lang)),
      );
    fill(
      price,
      h(
        "table",
        { class: classes.table },
        h(
          "tbody",
          {},
          line(texts.net, quote.total),
          Number(quote.dueOnChoice) > 0 ? line(texts.onChoice, quote.dueOnChoice) : null,
          line(texts.vat, quote.vat),
          line(texts.gross, quote.gross, true),
        ),
      ),
    );
    fill(pay, put(texts.handIn, { price: money(quote.gross, lang) }));
  };
  draw();

  const heading = h("h2", { class: classes.heading }, texts.reviewTitle);
  const element = h(
    "section",
    { class: classes.root, lang },
    heading,
    h("p", { class: classes.lead }, texts.reviewLead),
    h("dl", { class: classes.list }, ...rows),
    h("h3", { class: classes.heading }, texts.priceTitle),
    (options.extras ?? []).length > 0 ? extras() : null,
    price,
    h("p", {}, texts.onceOnly),
    h(
      "div",
      { class: classes.actions },
      pay,
      button(classes.secondary, () => options.onChange(options.fields[0]?.key ?? ""), texts.toForm),
    ),
  );
  queueMicrotask(() => focusOn(heading));
  return element;

  function extras(): HTMLElement {
    const boxes = (options.extras ?? []).map(({ name, price: net }, index) => {
      const id = `sportello-extra-${index}`;
      const box = h("input", { type: "checkbox", id });
      box.addEventListener("change", () => {
        if (box.checked) {
          chosen.add(name);
        } else {
          chosen.delete(name);
        }
        draw();
      });
      const words = name.replaceAll("_", " ");
      const label = h(
        "label",
        { for: id },
        h("span", { lang: "it" }, words.charAt(0).toUpperCase() + words.slice(1)),
        `, ${put(texts.extraPrice, { price: money(net, lang) })}`,
      );
      return h("div", { class: classes.check }, box, label);
    });
    return h("fieldset", { class: "sportello-extras" }, h("legend", { class: "h6" }, texts.extras), ...boxes);
  }
}

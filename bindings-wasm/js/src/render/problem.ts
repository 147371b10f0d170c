import { button, focusOn, h } from "./dom.js";
import { type LookOptions, lookOf } from "./form.js";
import type { Texts } from "./texts.js";

export interface ProblemOptions extends LookOptions {
  /** The error's stable code. */
  code: string;
  /** Whether the account was charged. */
  charged: "no" | "yes" | "unknown";
  reference: string;
  onRetry(): void;
  onBack?(): void;
}

/** What went wrong, what it means for the money, and what to do. */
export function renderProblem(options: ProblemOptions): HTMLElement {
  const { texts, classes, lang } = lookOf(options);
  const heading = h("h2", { class: classes.boxHeading }, texts.problemTitle);
  const charged = { no: texts.chargedNo, yes: texts.chargedYes, unknown: texts.chargedUnknown }[options.charged];
  const element = h(
    "section",
    { class: classes.root, lang },
    h(
      "div",
      { class: classes.errorSummary, role: "alert" },
      heading,
      h("p", {}, meaning(options.code, texts)),
      h("p", {}, h("strong", {}, charged)),
    ),
    h(
      "dl",
      { class: classes.list },
      h("div", {}, h("dt", {}, texts.reference), h("dd", {}, h("code", {}, options.reference))),
      h("div", {}, h("dt", {}, texts.code), h("dd", {}, h("code", {}, options.code))),
    ),
    h(
      "div",
      { class: classes.actions },
      button(classes.primary, options.onRetry, texts.retry),
      options.onBack ? button(classes.secondary, options.onBack, texts.toForm) : null,
    ),
  );
  queueMicrotask(() => focusOn(heading));
  return element;
}

function meaning(code: string, texts: Texts): string {
  switch (code) {
    case "submit.needs_person":
      return texts.problemPerson;
    case "submit.credit_insufficient":
    case "spend.limit":
      return texts.problemPay;
    case "submit.duplicate":
      return texts.problemDuplicate;
    case "submit.data_refused":
      return texts.problemAnswers;
  }
  switch (code.split(".")[0]) {
    case "network":
      return texts.problemNetwork;
    case "check":
      return texts.problemAnswers;
    case "auth":
      return texts.problemSession;
    default:
      return texts.problemOther;
  }
}

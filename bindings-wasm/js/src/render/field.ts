import type { Answer, Finding, Lang } from "../types.js";
import type { ClassNames } from "./classes.js";
import { button, fill, h, heard, set } from "./dom.js";
import { type FieldSource, findingText, wordsOf } from "./source.js";
import { type Texts, put } from "./texts.js";

/** What all views are made with. */
export interface Look {
  lang: Lang;
  texts: Texts;
  classes: ClassNames;
}

/** What a field tells the form that it stands in. */
export interface FieldEvents {
  /** Its answer changed; `done` when the person has left it, or has chosen. */
  changed(done: boolean): void;
  /** Says something to those who hear the page. */
  say(text: string): void;
  /** A warning was looked at, or isn't any more. */
  accept(finding: Finding, accepted: boolean): void;
  isAccepted(finding: Finding): boolean;
}

/** One field on the page. */
export interface FieldPart {
  readonly element: HTMLElement;
  /** What gets the focus when somebody comes to correct it. */
  readonly control: HTMLElement;
  answer(): Answer | undefined;
  setAnswer(answer: Answer | undefined): void;
  setRequired(required: boolean): void;
  /** Shows findings, and the ids of messages elsewhere that are about it too. */
  show(findings: readonly Finding[], groups: readonly string[]): void;
}

/** The parts that every field has: label, help, messages. */
export class FieldFrame {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
  readonly id: string;
  readonly #mark: HTMLElement;
  readonly #messages: HTMLElement;
  readonly #describing: string[] = [];
  readonly #look: Look;
  readonly #events: FieldEvents;

  constructor(field: FieldSource, id: string, look: Look, events: FieldEvents, labelTag: "label" | "div") {
    const { classes, lang } = look;
    this.id = id;
    this.#look = look;
    this.#events = events;
    const words = wordsOf(field, lang);
    this.#mark = h("span", { class: "sportello-mark" });
    const attributes = labelTag === "label" ? { for: id } : {};
    this.label = h(
      labelTag,
      { id: `${id}-label`, class: classes.label, ...attributes },
      h("span", { lang: words.isProviders ? "it" : null }, words.label),
      this.#mark,
      words.provider === null ? null : h("span", { class: "sportello-provider", lang: "it" }, words.provider),
    );
    this.element = h("div", { class: classes.field }, this.label);
    if (words.help !== null) {
      this.describe("help", words.help, null);
    }
    if (words.providerHelp !== null) {
      this.describe("office", words.providerHelp, "it");
    }
    this.#messages = h("div", { class: "sportello-messages" });
  }

  /** A line that is always there. */
  describe(name: string, text: string, lang: Lang | null): void {
    const id = `${this.id}-${name}`;
    this.#describing.push(id);
    this.element.append(h("p", { id, class: this.#look.classes.help, lang }, text));
  }

  /** Puts the control beneath the help, and the messages beneath both: on a small screen a keyboard covers what is below. */
  append(...parts: HTMLElement[]): void {
    this.element.append(this.#messages, ...parts);
  }

  setRequired(required: boolean): void {
    const text = this.#look.texts.required;
    if (required) {
      fill(this.#mark, h("span", { "aria-hidden": "true" }, "*"), heard(` (${text})`));
    } else {
      fill(this.#mark);
    }
  }

  /** Shows findings on the control. A described-by never names what is not there. */
  show(control: HTMLElement, findings: readonly Finding[], groups: readonly string[], correct?: (value: string) => void): void {
    const { classes, texts, lang } = this.#look;
    const ids: string[] = [...groups];
    const children: HTMLElement[] = [];
    findings.forEach((finding, index) => {
      const id = `${this.id}-finding-${index}`;
      const isError = finding.severity === "error";
      ids.push(id);
      children.push(
        h(
          "p",
          { id, class: isError ? classes.error : classes.warning },
          h("strong", {}, isError ? texts.error : texts.warning),
          " ",
          findingText(finding, lang),
        ),
      );
      const { correction } = finding;
      if (correction !== null && correct) {
        const use = button(classes.link, () => correct(correction), put(texts.useCorrection, { value: correction }));
        children.push(h("p", {}, use));
      }
      if (!isError) {
        children.push(this.#acceptance(finding, index));
      }
    });
    // Of the same findings the same elements stay: a box that is being ticked must not be replaced under the finger.
    const signature = findings.map((it) => `${it.code} ${it.position} ${it.correction}`).join("\n");
    if (signature !== this.#shown) {
      this.#shown = signature;
      fill(this.#messages, ...children);
    }
    for (const [index, finding] of findings.entries()) {
      const box = this.#messages.querySelector<HTMLInputElement>(`#${this.id}-accept-${index}`);
      if (box) {
        box.checked = this.#events.isAccepted(finding);
      }
    }
    const hasError = findings.some((finding) => finding.severity === "error");
    const hasWarning = findings.some((finding) => finding.severity === "warning" && !this.#events.isAccepted(finding));
    set(control, "aria-invalid", hasError ? "true" : null);
    set(control, "aria-describedby", [...this.#describing, ...ids].join(" "));
    toggle(control, classes.inputInvalid, hasError);
    toggle(control, classes.inputWarning, hasWarning && !hasError);
    toggle(this.element, "sportello-has-error", hasError);
    toggle(this.element, "sportello-has-warning", hasWarning && !hasError);
  }

  #shown = "";

  #acceptance(finding: Finding, index: number): HTMLElement {
    const id = `${this.id}-accept-${index}`;
    const box = h("input", { type: "checkbox", id, "aria-describedby": `${this.id}-finding-${index}` });
    box.addEventListener("change", () => this.#events.accept(finding, box.checked));
    return h("div", { class: this.#look.classes.check }, box, h("label", { for: id }, this.#look.texts.accept));
  }
}

function toggle(element: Element, classNames: string, on: boolean): void {
  for (const name of classNames.split(" ").filter(Boolean)) {
    element.classList.toggle(name, on);
  }
}

/** A field for a line of text, or for one of several choices. */
export function textField(field: FieldSource, id: string, look: Look, events: FieldEvents): FieldPart {
  const frame = new FieldFrame(field, id, look, events, "label");
  const control = field.choices.length > 0 ? choices(field, id, look) : line(field, id, look);
  frame.append(control);
  control.addEventListener("input", () => events.changed(false));
  control.addEventListener("change", () => events.changed(true));
  return {
    element: frame.element,
    control,
    answer: () => (control.value === "" ? undefined : control.value),
    setAnswer(answer) {
      control.value = typeof answer === "string" ? answer : "";
    },
    setRequired(required) {
      frame.setRequired(required);
      set(control, "aria-required", required ? "true" : null);
    },
    show(findings, groups) {
      frame.show(control, findings, groups, (value) => {
        control.value = value;
        control.focus();
        events.changed(true);
      });
    },
  };
}

function line(field: FieldSource, id: string, { classes }: Look): HTMLInputElement {
  const hints = field.input;
  return h("input", {
    id,
    class: classes.input,
    // No `name` that a browser would send anywhere: the form is never submitted by the browser.
    type: hints?.inputType ?? "text",
    autocomplete: hints?.autocomplete,
    inputmode: hints?.inputMode,
    autocapitalize: hints?.capitalize,
    spellcheck: hints ? String(hints.spellcheck) : null,
  });
}

function choices(field: FieldSource, id: string, { classes, texts }: Look): HTMLSelectElement {
  const options = field.choices.map(({ code, description }) =>
    h("option", { value: code, lang: "it" }, description || code),
  );
  return h("select", { id, class: classes.select }, h("option", { value: "" }, texts.choose), ...options);
}

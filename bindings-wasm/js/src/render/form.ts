import type { Answers, Finding, Lang, Report } from "../types.js";
import { type ClassNames, bootstrapItalia } from "./classes.js";
import { fill, focusOn, h, uniquePrefix } from "./dom.js";
import { type FieldEvents, type FieldPart, type Look, textField } from "./field.js";
import { fileField } from "./file.js";
import { type GroupMessage, groupsOf } from "./groups.js";
import { type FieldSource, type FileTools, type FormSource, findingText, wordsOf } from "./source.js";
import { type Texts, put, textsOf } from "./texts.js";

/** What every view is told of language and looks. */
export interface LookOptions {
  lang: Lang;
  /** Other class names than bootstrap-italia's. */
  classNames?: Partial<ClassNames>;
  /** Other texts than the renderer's own. */
  texts?: Partial<Texts>;
}

export interface FormOptions extends LookOptions {
  form: FormSource;
  files: FileTools;
  /** Answers to begin with: a draft, or what was typed before the language changed. */
  answers?: Answers;
  /** Findings to begin with: what the office said of answers that were handed in. */
  findings?: readonly Finding[];
  /** The provider's instructions as plain text in Italian. */
  instructions?: string;
  /** All is right, or was looked at: on to the check of the answers. `acceptWarnings` are the codes of warnings that were accepted. */
  onDone(answers: Answers, acceptWarnings: string[]): void;
  /** The person went on and something stands in the way: for the page's title. */
  onErrors?(count: number): void;
  /** After every answer, for a page that keeps drafts. */
  onAnswers?(answers: Answers): void;
}

/** A form on the page. */
export interface FormView {
  readonly element: HTMLFormElement;
  /** The answers as they stand. */
  answers(): Answers;
  /** Moves the focus to a field. */
  focus(key: string): void;
  /** Resolves when the last change has been checked. */
  settled(): Promise<void>;
}

/** The look that options describe. */
export function lookOf({ lang, classNames, texts }: LookOptions): Look {
  return { lang, texts: textsOf(lang, texts), classes: { ...bootstrapItalia, ...classNames } };
}

/**
 * A service's form: labels and help in the reader's language, the provider's words marked as Italian; what is required by the rule, as things stand;
 * findings beside their field once it was left, and all of them at the top once the person goes on.
 */
export function renderForm(options: FormOptions): FormView {
  const look = lookOf(options);
  const { texts, classes, lang } = look;
  const { form } = options;
  const prefix = uniquePrefix();
  const touched = new Set<string>();
  const accepted = new Set<string>();
  let wentOn = (options.findings ?? []).length > 0;
  let checking = Promise.resolve();

  const said = h("div", { class: "visually-hidden", role: "status" });
  const summary = h("div", {});
  const parts = new Map<string, FieldPart>();
  const groupPlaces = new Map<string, HTMLElement>();

  const answers = (): Answers => {
    const all: Answers = {};
    for (const [key, part] of parts) {
      const answer = part.answer();
      if (answer !== undefined) {
        all[key] = answer;
      }
    }
    return all;
  };

  const eventsOf = (field: FieldSource): FieldEvents => ({
    changed(done) {
      // Who changes an answer has not checked the new one, nor what is compared with it.
      for (const name of accepted) {
        if (name.startsWith(`${field.key} `) || name.includes(" coherence.")) {
          accepted.delete(name);
        }
      }
      if (done) {
        touched.add(field.key);
      }
      options.onAnswers?.(answers());
      refresh(done ? field.key : null);
    },
    say(text) {
      said.textContent = text;
    },
    accept(finding, on) {
      if (on) {
        accepted.add(nameOf(finding));
      } else {
        accepted.delete(nameOf(finding));
      }
    },
    isAccepted: (finding) => accepted.has(nameOf(finding)),
  });

  const children: HTMLElement[] = [];
  form.fields.forEach((field, index) => {
    const id = `${prefix}-${index}`;
    const events = eventsOf(field);
    const part =
      field.kind === "file"
        ? fileField(field, id, look, events, options.files)
        : textField(field, id, look, events);
    part.setAnswer(options.answers?.[field.key] ?? undefined);
    parts.set(field.key, part);
    const place = h("div", { id: `${id}-group` });
    groupPlaces.set(field.key, place);
    children.push(place, part.element);
  });

  const goOn = h("button", { type: "submit", class: classes.primary }, texts.goOn);
  const element = h(
    "form",
    { class: classes.root, lang, novalidate: true, autocomplete: "on" },
    summary,
    options.instructions ? instructions(options.instructions, look) : null,
    h("p", { class: classes.muted }, texts.requiredLegend),
    ...children,
    h("div", { class: classes.actions }, goOn),
    said,
  );

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });

  // A message that appears when a field is left moves what is below it; not under the pointer that is just pressing the button.
  let pressing = false;
  goOn.addEventListener("pointerdown", () => {
    pressing = true;
  });
  document.addEventListener("pointerup", () => {
    pressing = false;
  });

  function refresh(left: string | null): void {
    if (form.live === false && !wentOn) {
      return marks();
    }
    if (form.live === false || pressing) {
      return;
    }
    checking = checking.then(async () => show(await form.check(answers()), left));
  }

  function marks(): void {
    const required = new Set(form.required?.(answers()) ?? form.fields.filter((it) => it.required).map((it) => it.key));
    for (const [key, part] of parts) {
      part.setRequired(required.has(key));
    }
  }

  function visible(report: Report, key: string): Finding[] {
    const own = report.findings.filter((finding) => finding.field === key);
    // Nobody is told that a field is empty before having gone on.
    return own.filter((finding) => wentOn || (touched.has(key) && finding.code !== "required.missing"));
  }

  function show(report: Report, left: string | null): void {
    marks();
    const groups = groupsOf(report, form.fields);
    const idsOf = new Map<string, string[]>();
    for (const place of groupPlaces.values()) {
      fill(place);
    }
    for (const group of groups) {
      const [first] = group.keys;
      const place = first === undefined ? undefined : groupPlaces.get(first);
      if (!place) {
        continue;
      }
      const id = `${place.id}-${groups.indexOf(group)}`;
      place.append(groupBox(group, id, wentOn, look));
      for (const key of group.keys) {
        idsOf.set(key, [...(idsOf.get(key) ?? []), id]);
      }
    }
    for (const [key, part] of parts) {
      const findings = visible(report, key);
      part.show(findings, idsOf.get(key) ?? []);
      const [first] = findings;
      if (key === left && first) {
        said.textContent = `${first.severity === "error" ? texts.error : texts.warning} ${findingText(first, lang)}`;
      }
    }
  }

  async function submit(): Promise<void> {
    pressing = false;
    await checking;
    const given = answers();
    const report = await form.check(given);
    wentOn = true;
    show(report, null);
    const errors = report.findings.filter((finding) => finding.severity === "error");
    const warnings = report.findings.filter((it) => it.severity === "warning" && !accepted.has(nameOf(it)));
    options.onErrors?.(errors.length + warnings.length);
    if (errors.length + warnings.length === 0) {
      fill(summary);
      const codes = report.findings.filter((it) => it.severity === "warning").map((it) => it.code);
      options.onDone(given, [...new Set(codes)]);
      return;
    }
    summarise(report, errors.length > 0 ? errors : warnings, errors.length > 0);
  }

  /** The box at the top, with the focus: what is wrong, each a link to where it is put right. */
  function summarise(report: Report, findings: readonly Finding[], areErrors: boolean): void {
    const [one, many] = areErrors ? [texts.errorsOne, texts.errorsMany] : [texts.warningsOne, texts.warningsMany];
    const title = findings.length === 1 ? one : put(many, { n: findings.length });
    const heading = h("h2", { id: `${prefix}-summary`, class: classes.boxHeading }, title);
    const groups = groupsOf(report, form.fields);
    const items = findings.map((finding) => {
      const group = groups.find((it) => it.finding === finding);
      const key = finding.field ?? group?.keys[0] ?? null;
      const field = form.fields.find((it) => it.key === key);
      const text = findingText(finding, lang);
      if (!field) {
        return h("li", {}, text);
      }
      const words = wordsOf(field, lang);
      const label = finding.field === null ? null : h("span", { lang: words.isProviders ? "it" : null }, `${words.label}: `);
      const link = h("a", { href: `#${parts.get(field.key)?.control.id ?? ""}` }, label, text);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        focus(field.key);
      });
      return h("li", {}, link);
    });
    const box = h(
      "div",
      { class: areErrors ? classes.errorSummary : classes.warningSummary, role: "group", "aria-labelledby": heading.id },
      heading,
      h("ul", {}, ...items),
    );
    fill(summary, box);
    focusOn(box);
  }

  function focus(key: string): void {
    const part = parts.get(key);
    // The label too is to be seen, so the whole field is scrolled to.
    part?.element.scrollIntoView({ block: "nearest" });
    part?.control.focus({ preventScroll: true });
  }

  if (wentOn) {
    const findings = options.findings ?? [];
    const report: Report = { ok: false, findings: [...findings], missing: { sets: [], more: 0 } };
    show(report, null);
    // Once it is on the page: what is not there can't have the focus.
    queueMicrotask(() => summarise(report, findings, findings.some((it) => it.severity === "error")));
  } else {
    for (const part of parts.values()) {
      part.show([], []);
    }
    refresh(null);
    marks();
  }

  return { element, answers, focus, settled: () => checking };
}

function nameOf(finding: Finding): string {
  return `${finding.field} ${finding.code}`;
}

function groupBox(group: GroupMessage, id: string, isError: boolean, { texts, classes, lang }: Look): HTMLElement {
  const text = findingText(group.finding, lang);
  return isError
    ? h("p", { id, class: `${classes.group} ${classes.error}` }, h("strong", {}, texts.error), " ", text)
    : h("p", { id, class: classes.group }, text);
}

function instructions(text: string, { texts, classes }: Look): HTMLElement {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return h(
    "details",
    { class: "sportello-instructions", open: true },
    h("summary", {}, texts.instructions),
    h("div", { lang: "it", class: classes.help }, ...lines.map((line) => h("p", {}, ...linked(line)))),
  );
}

/** Addresses as links; the rest stays text. */
function linked(line: string): (Node | string)[] {
  return line.split(/(https?:\/\/[^\s()<>"]+)/).map((piece, index) => {
    if (index % 2 === 0) {
      return piece;
    }
    return h("a", { href: piece, rel: "noopener noreferrer nofollow", target: "_blank" }, piece);
  });
}

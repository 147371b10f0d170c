import { fill, focusOn, h, heard } from "./dom.js";
import type { Look } from "./field.js";
import { type LookOptions, lookOf } from "./form.js";
import { type Texts, money, moment, put } from "./texts.js";

/** Where a submission is; what the relay's client gives is such. */
export interface SubmissionView {
  /** How far the office has come: `processing`, `delivered`. */
  progress: string;
  /** The provider's own words, in Italian. */
  status: string;
  /** What the provider says beyond the state, in Italian. */
  note?: { info: string } | null;
  /** What the person does next, in the reader's language. */
  nextStep?: string | null;
  /** When documents can be expected, Unix milliseconds. */
  expected?: { earliest: number; latest: number } | null;
}

export interface ProgressOptions extends LookOptions {
  reference: string;
  /** True for a service that searches first. */
  hasSearch?: boolean;
  /** What was paid, VAT included; shown once it was handed in. */
  gross?: string;
  /** A document is to be fetched. */
  onDownload?(index: number): void;
  onPrint?(): void;
}

/** A submission on its way, and its receipt once it has been handed in. */
export interface ProgressView {
  readonly element: HTMLElement;
  /** A file is being sent; both in bytes. */
  sending(name: string, sent: number, total: number): void;
  /** The submission changed. */
  update(submission: SubmissionView): void;
  /** The documents are there. */
  documents(files: readonly { name: string }[]): void;
}

const ORDER = ["draft", "committed", "searching", "choice_needed", "processing", "data_ready", "delivered"];
/** Only a service that searches passes through these. */
const OF_SEARCH = ["searching", "choice_needed"];
/** Ends of the way that are none of its steps. */
const ENDS = ["cancelled", "no_results"];

/** What is happening to a submission: sending, then a receipt with the states it passes through and what comes next. */
export function renderProgress(options: ProgressOptions): ProgressView {
  const look = lookOf(options);
  const { texts, classes, lang } = look;
  const heading = h("h2", { class: classes.heading }, texts.sendingTitle);
  const top = h("div", {}, heading, h("p", { class: classes.lead }, texts.sendingLead));
  const bar = h("progress", { class: classes.progress, max: 1, "aria-labelledby": "sportello-sending" });
  const sending = h("div", { class: "sportello-sending" }, h("p", { id: "sportello-sending" }, texts.stepDraft), bar);
  const steps = h("ol", { class: classes.steps });
  const said = h("div", { class: "visually-hidden", role: "status" });
  const next = h("div", {});
  const files = h("div", {});
  const element = h(
    "section",
    { class: classes.root, lang },
    top,
    sending,
    reference(options.reference, look),
    h("h3", { class: classes.heading }, texts.progressTitle),
    steps,
    next,
    files,
    said,
  );
  let isReceipt = false;
  let shown = "";
  draw("draft", null);
  queueMicrotask(() => focusOn(heading));

  function draw(progress: string, submission: SubmissionView | null): void {
    const order = ORDER.filter((it) => options.hasSearch || !OF_SEARCH.includes(it));
    const at = order.includes(progress) || ENDS.includes(progress) || !OF_SEARCH.includes(progress) ? progress : "processing";
    const place = order.indexOf(at);
    const isOver = progress === "delivered";
    const items = order.map((name, index) => {
      const state = index < place || (isOver && index === place) ? "done" : index === place ? "current" : "toCome";
      return h(
        "li",
        { class: `sportello-step-${state}`, "aria-current": state === "current" ? "step" : null },
        h("span", { class: "sportello-step-mark", "aria-hidden": "true" }, state === "done" ? "✓" : ""),
        h("span", {}, labelOf(name, texts), heard(` (${texts[state]})`)),
      );
    });
    if (place >= 0) {
      fill(steps, ...items);
    }
    if (ENDS.includes(progress)) {
      fill(steps, h("li", { class: "sportello-step-current", "aria-current": "step" }, labelOf(progress, texts)));
    }
    if (submission && progress !== shown) {
      said.textContent = labelOf(at, texts);
    }
    shown = progress;
  }

  function receipt(): void {
    if (isReceipt) {
      return;
    }
    isReceipt = true;
    sending.remove();
    const title = h("h2", { class: classes.boxHeading }, texts.receiptTitle);
    const box = h("div", { class: classes.successBox }, title, h("p", {}, texts.receiptLead));
    fill(top, box);
    if (options.gross !== undefined) {
      const paid = h("div", {}, h("dt", {}, texts.paid), h("dd", {}, money(options.gross, lang)));
      element.querySelector("dl")?.append(paid);
    }
    focusOn(title);
  }

  return {
    element,
    sending(name, sent, total) {
      const text = sending.querySelector("p");
      if (text) {
        text.textContent = put(texts.sendingFile, { name });
      }
      bar.max = Math.max(total, 1);
      bar.value = sent;
    },
    update(submission) {
      if (submission.progress !== "draft") {
        receipt();
      }
      draw(submission.progress, submission);
      const { note, nextStep, expected } = submission;
      const window = expected
        ? put(texts.expected, { from: moment(expected.earliest, lang), to: moment(expected.latest, lang) })
        : null;
      fill(
        next,
        h("h3", { class: classes.heading }, texts.nextTitle),
        nextStep ? h("p", {}, nextStep) : null,
        window && submission.progress !== "delivered" ? h("p", {}, window) : null,
        note
          ? h("div", { class: classes.infoBox }, h("p", {}, texts.officeSays), h("p", { lang: "it" }, note.info))
          : null,
      );
    },
    documents(list) {
      const items = list.map(({ name }, index) => {
        const get = h("button", { type: "button", class: classes.primary }, put(texts.download, { name }));
        get.addEventListener("click", () => options.onDownload?.(index));
        return h("li", {}, get);
      });
      fill(
        files,
        h("h3", { class: classes.heading }, texts.documents),
        h("ul", { class: "list-unstyled" }, ...items),
      );
      if (options.onPrint) {
        const print = h("button", { type: "button", class: classes.secondary }, texts.print);
        print.addEventListener("click", () => options.onPrint?.());
        files.append(print);
      }
    },
  };
}

function reference(name: string, { texts, classes }: Look): HTMLElement {
  return h(
    "dl",
    { class: `${classes.list} sportello-reference` },
    h("div", {}, h("dt", {}, texts.reference), h("dd", {}, h("code", {}, name))),
  );
}

function labelOf(name: string, texts: Texts): string {
  const labels: Record<string, string> = {
    draft: texts.stepDraft,
    committed: texts.stepCommitted,
    searching: texts.stepSearching,
    choice_needed: texts.stepChoice,
    no_results: texts.noResults,
    cancelled: texts.cancelled,
    processing: texts.stepProcessing,
    data_ready: texts.stepReady,
    delivered: texts.stepDelivered,
  };
  return labels[name] ?? name;
}

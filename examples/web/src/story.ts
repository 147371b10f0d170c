import {
  ServiceForm,
  init,
  nextStep,
  instructionsText,
  quote,
  type Answers,
  type Finding,
  type Lang,
  type Quote,
} from "sportello";
import {
  renderForm,
  renderProblem,
  renderProgress,
  renderReview,
  textsOf,
  type FormSource,
  type FormView,
} from "sportello/render";

import { fileTools } from "./files.js";
import { type HandIn, type Relay, RelayError, type ServiceWire, type SubmissionWire } from "./relay.js";
import { type Kept, Memory } from "./memory.js";
import { WORDS } from "./words.js";

const SERVICE = "Domanda Assegno Unico";

/** The Assegno Unico in a page, from the empty form to the downloaded documents. */
export class Story {
  #answers: Answers = {};
  #findings: Finding[] = [];
  #view: FormView | undefined;
  /** Draws what is on the page again: in another language. */
  #draw: () => void = () => undefined;
  #submission: SubmissionWire | undefined;
  /** Checks in the page; not there where the browser has no WebAssembly. */
  #form: ServiceForm | undefined;

  private constructor(
    private readonly relay: Relay,
    private readonly service: ServiceWire,
    private readonly place: HTMLElement,
    private lang: Lang,
    private readonly memory: Memory,
  ) {}

  static async begin(relay: Relay, place: HTMLElement, lang: Lang): Promise<Story> {
    const service = await relay.serviceByName(SERVICE);
    const story = new Story(relay, service, place, lang, new Memory());
    if (typeof WebAssembly === "object") {
      await init();
      story.#form = ServiceForm.fromJson(service);
    }
    const kept = story.memory.kept;
    if (kept) {
      await story.#resume(kept);
    } else {
      story.#showForm();
    }
    return story;
  }

  speak(lang: Lang): void {
    this.#answers = this.#view?.answers() ?? this.#answers;
    this.lang = lang;
    this.#draw();
  }

  /** A page that was closed or reloaded in the middle: what was begun is found by its reference. */
  async #resume(kept: Kept): Promise<void> {
    try {
      const submission = await this.relay.status(kept.reference);
      if (submission.progress !== "draft") {
        this.#submission = submission;
        return this.#showProgress(kept, (view) => this.#follow(kept, view));
      }
      if (kept.isCommitting) {
        return this.#showProgress(kept, async (view) => this.#commit(kept, view));
      }
      this.#answers = { ...submission.texts };
      this.#showForm();
    } catch (error) {
      // The relay forgot it, as it does with drafts after a day, or is settling it.
      if (error instanceof RelayError && error.code === "submission.reference_unknown") {
        this.memory.forget();
        return this.#showForm();
      }
      this.#problem(error, kept, () => void this.#resume(kept));
    }
  }

  #show(draw: () => HTMLElement, heading: boolean): void {
    this.#draw = () => {
      const words = WORDS[this.lang];
      document.title = words.title;
      const title = document.createElement("h1");
      title.textContent = words.title;
      const lead = document.createElement("p");
      lead.className = "lead";
      lead.textContent = words.lead;
      this.place.replaceChildren(title, ...(heading ? [lead] : []), draw());
    };
    this.#view = undefined;
    this.#draw();
    window.scrollTo(0, 0);
  }

  #showForm(focus?: string): void {
    const form: FormSource = this.#form ?? {
      fields: this.service.form.fields,
      check: (answers) => this.relay.check(this.service.id, answers),
      live: false,
    };
    const files = fileTools(this.#form !== undefined);
    this.#show(() => {
      const view = renderForm({
        form,
        files,
        lang: this.lang,
        answers: this.#answers,
        findings: this.#findings,
        instructions: this.#form ? instructionsText(this.#form) : "",
        onErrors: (count) => {
          const { title, errorTitle } = WORDS[this.lang];
          document.title = count > 0 ? `${errorTitle} (${count}): ${title}` : title;
        },
        onDone: (answers, acceptWarnings) => {
          this.#answers = answers;
          this.#findings = [];
          if (this.#form) {
            this.#showReview(this.#form, acceptWarnings);
          } else {
            this.#showChecked();
          }
        },
      });
      this.#view = view;
      return this.#form ? view.element : withNotice(textsOf(this.lang).noWasm, view.element);
    }, true);
    if (focus !== undefined) {
      (this.#view as FormView | undefined)?.focus(focus);
    }
  }

  #showChecked(): void {
    this.#show(() => withNotice(WORDS[this.lang].checked, document.createElement("div")), false);
  }

  #price(form: ServiceForm, options: readonly string[]): Quote {
    const price = quote(form, options);
    if (!price) {
      throw new RelayError("price.missing", "no", false);
    }
    return price;
  }

  #showReview(form: ServiceForm, acceptWarnings: string[]): void {
    this.#show(
      () =>
        renderReview({
          lang: this.lang,
          fields: form.fields,
          answers: this.#answers,
          extras: form.service.options,
          quote: (options) => this.#price(form, options),
          onChange: (key) => this.#showForm(key),
          onHandIn: (confirmPrice, options) => {
            const { gross } = this.#price(form, options);
            const what = { confirmPrice, acceptWarnings, options, gross };
            const kept = this.memory.keep(what, false);
            this.#showProgress(kept, async (view) => {
              const all: HandIn = { ...what, serviceId: this.service.id, answers: this.#answers };
              await this.relay.fill(kept.reference, all, view.sending);
              // From here on everything is with the relay: whatever happens to this page, the same call again hands it in.
              await this.#commit(this.memory.keep(what, true), view);
            });
          },
        }),
      false,
    );
  }

  #showProgress(kept: Kept, run: (view: ReturnType<typeof renderProgress>) => Promise<void>): void {
    let view: ReturnType<typeof renderProgress> | undefined;
    this.#show(() => {
      view = renderProgress({
        lang: this.lang,
        reference: kept.reference,
        gross: kept.gross,
        onDownload: (index) => void this.#download(kept.reference, index),
        onPrint: () => window.print(),
      });
      this.#progress = view;
      if (this.#submission) {
        this.#tell(this.#submission);
      }
      return view.element;
    }, false);
    if (view) {
      void run(view).catch((error: unknown) => this.#problem(error, kept, () => this.#showProgress(kept, run)));
    }
  }

  #progress: ReturnType<typeof renderProgress> | undefined;

  async #commit(kept: Kept, view: ReturnType<typeof renderProgress>): Promise<void> {
    this.#tell(await this.relay.commit(kept.reference, kept));
    await this.#follow(kept, view);
  }

  async #follow(kept: Kept, _: ReturnType<typeof renderProgress>): Promise<void> {
    await this.relay.follow(kept.reference, (submission) => this.#tell(submission));
    await this.#documents(kept.reference);
  }

  async #documents(reference: string): Promise<void> {
    if (this.#submission?.progress !== "delivered") {
      return;
    }
    this.#progress?.documents(await this.relay.documents(reference));
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-link again";
    again.textContent = WORDS[this.lang].again;
    again.addEventListener("click", () => {
      this.memory.forget();
      this.#submission = undefined;
      this.#answers = {};
      this.#showForm();
    });
    this.#progress?.element.append(again);
  }

  #tell(submission: SubmissionWire): void {
    this.#submission = submission;
    const { progress, phase, note } = submission;
    const next = this.#form ? nextStep(progress, phase, note !== null)[this.lang] : null;
    this.#progress?.update({ ...submission, nextStep: next });
  }

  async #download(reference: string, index: number): Promise<void> {
    const [files, blob] = await Promise.all([this.relay.documents(reference), this.relay.document(reference, index)]);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = files[index]?.name ?? "documents.zip";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  #problem(error: unknown, kept: Kept, again: () => void): void {
    const known = error instanceof RelayError ? error : new RelayError("internal", "unknown", true);
    const isAboutAnswers = known.code.startsWith("check.") || known.code === "submit.data_refused";
    this.#show(
      () =>
        renderProblem({
          lang: this.lang,
          code: known.code,
          charged: known.charged,
          reference: kept.reference,
          onRetry: again,
          ...(isAboutAnswers ? { onBack: () => this.#showForm() } : {}),
        }),
      false,
    );
  }
}

function withNotice(text: string, element: HTMLElement): HTMLElement {
  const notice = document.createElement("p");
  notice.className = "alert alert-info";
  notice.textContent = text;
  const all = document.createElement("div");
  all.className = "sportello";
  all.append(notice, element);
  return all;
}

import {
  type Answers,
  type CallProgress,
  type DeliveredFile,
  type Drafts,
  type Finding,
  type Lang,
  type ServiceForm,
  type Submission,
  type SubmissionUpdate,
  SportelloClient,
  init,
  instructionsText,
  isCallError,
  isSportelloError,
  nextStep,
  openDrafts,
  saveFile,
} from "sportello";
import {
  type FormView,
  type ProgressView,
  renderChoice,
  renderForm,
  renderProblem,
  renderProgress,
  renderReview,
  textsOf,
} from "sportello/render";

import { fileTools } from "./files.js";
import { type Kept, Memory } from "./memory.js";
import { ServerCheck } from "./server-check.js";
import { WORDS } from "./words.js";

const SERVICE = "Domanda Assegno Unico";

/** Somewhere to stand, and who asks. */
export interface Setting {
  relay: string;
  session: string;
  place: HTMLElement;
  lang: Lang;
}

/** The Assegno Unico in a page, from the empty form to the downloaded documents. */
export class Story {
  #answers: Answers = {};
  #findings: readonly Finding[] = [];
  #view: FormView | undefined;
  /** Draws what is on the page again: in another language. */
  #draw: () => void = () => undefined;
  #progress: ProgressView | undefined;
  #seen: SubmissionUpdate["remote"] | null = null;
  #expected: Submission["expected"] = null;
  #documents: readonly DeliveredFile[] = [];
  readonly #memory = new Memory();

  private constructor(
    private readonly client: SportelloClient,
    private readonly form: ServiceForm,
    private readonly drafts: Drafts | null,
    private readonly place: HTMLElement,
    private lang: Lang,
  ) {}

  static async begin({ relay, session, place, lang }: Setting): Promise<{ speak(lang: Lang): void }> {
    if (typeof WebAssembly !== "object") {
      return new CheckedStory(new ServerCheck(relay, session), place, lang).begin();
    }
    await init();
    const client = new SportelloClient({ relay, session, lang, timing: { watchFirstMs: 1_000 } });
    const form = await client.service(SERVICE);
    // A browser that keeps nothing (a private window, for some) still hands in.
    const drafts = await openDrafts({ sealed: true }).catch(() => null);
    const story = new Story(client, form, drafts, place, lang);
    await story.#continue();
    return story;
  }

  speak(lang: Lang): void {
    this.#answers = this.#view?.answers() ?? this.#answers;
    this.lang = lang;
    this.#draw();
  }

  /** A page that was closed or reloaded in the middle goes on: with the answers where they are still needed, else by the reference alone. */
  async #continue(): Promise<void> {
    const { kept } = this.#memory;
    if (!kept) {
      return this.#showForm();
    }
    const draft = await this.drafts?.load(kept.reference);
    this.#answers = draft?.answers ?? {};
    if (!kept.isAgreed) {
      return this.#showForm();
    }
    if (draft) {
      return this.#handIn(kept);
    }
    this.#showProgress(kept, async () => {
      const submission = await this.client.status(kept.reference);
      if (submission.charged === "no") {
        // Nothing was paid, and the answers are gone: it begins anew under the same name.
        this.#memory.disagree();
        return this.#showForm();
      }
      await this.#follow(kept, submission);
    });
  }

  #show(draw: () => HTMLElement, heading: boolean): void {
    this.#view = undefined;
    this.#draw = () => show(this.place, this.lang, draw, heading);
    this.#draw();
    window.scrollTo(0, 0);
  }

  #showForm(focus?: string): void {
    this.#show(() => {
      this.#view = renderForm({
        form: this.form,
        files: fileTools(true),
        lang: this.lang,
        answers: this.#answers,
        findings: this.#findings,
        instructions: instructionsText(this.form),
        onErrors: (count) => title(this.lang, count),
        onAnswers: (answers) => this.#keep(answers),
        onDone: (answers, acceptWarnings) => {
          this.#answers = answers;
          this.#findings = [];
          this.#showReview(acceptWarnings);
        },
      });
      return this.#view.element;
    }, true);
    if (focus !== undefined) {
      this.#view?.focus(focus);
    }
  }

  #keep(answers: Answers): void {
    this.#answers = answers;
    void this.drafts?.keep(this.#memory.reference, answers).catch(() => undefined);
  }

  #showReview(acceptWarnings: string[]): void {
    this.#show(
      () =>
        renderReview({
          lang: this.lang,
          fields: this.form.fields,
          answers: this.#answers,
          extras: this.form.service.options,
          quote: (options) => this.client.quote(this.form, options),
          onChange: (key) => this.#showForm(key),
          onHandIn: (confirmPrice, options) => {
            const { gross } = this.client.quote(this.form, options);
            this.#handIn(this.#memory.agree({ confirmPrice, acceptWarnings, options, gross }));
          },
        }),
      false,
    );
  }

  /** The same again after any trouble is safe: the reference is paid once. */
  #handIn(kept: Kept): void {
    this.#showProgress(kept, async () => {
      const { reference, confirmPrice, acceptWarnings, options } = kept;
      // Everything is kept before anything is sent: a reload then needs nobody to type again.
      await this.drafts?.keep(reference, this.#answers).catch(() => undefined);
      const onProgress = (progress: CallProgress): void => this.#sending(progress);
      const terms = { confirmPrice, acceptWarnings, options, onProgress };
      const submission = await this.client.submit(this.form, this.#answers, reference, terms);
      await this.drafts?.forget(reference).catch(() => undefined);
      await this.#follow(kept, submission);
    });
  }

  #sending({ file, sent, total }: CallProgress): void {
    if (file !== null) {
      this.#progress?.sending(file, sent, total);
    }
  }

  #showProgress(kept: Kept, run: () => Promise<void>): void {
    this.#show(() => {
      this.#progress = renderProgress({
        lang: this.lang,
        reference: kept.reference,
        gross: kept.gross,
        hasSearch: this.form.service.hasSearch,
        onDownload: (index) => this.#download(index),
        onPrint: () => window.print(),
      });
      this.#tell();
      return this.#progress.element;
    }, false);
    void run().catch((error: unknown) => this.#problem(error, kept, () => this.#showProgress(kept, run)));
  }

  async #follow(kept: Kept, submission: Submission): Promise<void> {
    const { reference } = kept;
    this.#tell(submission);
    for await (const update of this.client.watch(reference)) {
      this.#tell(update);
    }
    if (this.#seen?.progress === "choice_needed") {
      return this.#showChoice(kept, this.#seen);
    }
    if (this.#seen?.progress === "delivered") {
      // At once: the office deletes them after a while.
      this.#documents = (await this.client.delivery(reference)).files;
      this.#tell();
    }
  }

  #showChoice(kept: Kept, remote: SubmissionUpdate["remote"]): void {
    const { dueOnChoice } = this.client.quote(this.form, kept.options);
    this.#show(
      () =>
        renderChoice({
          lang: this.lang,
          searches: remote.searches,
          price: dueOnChoice,
          onChoose: (result) =>
            this.#showProgress(kept, async () => {
              await this.#follow(kept, await this.client.choose(kept.reference, result, dueOnChoice));
            }),
        }),
      false,
    );
  }

  /** The documents, and the way to another request. */
  #offer(): void {
    this.#progress?.documents(this.#documents);
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-link again";
    again.textContent = WORDS[this.lang].again;
    again.addEventListener("click", () => {
      this.#memory.forget();
      this.#seen = null;
      this.#documents = [];
      this.#answers = {};
      this.#showForm();
    });
    this.#progress?.element.append(again);
  }

  #tell(said?: Pick<Submission, "remote" | "expected">): void {
    if (said?.remote) {
      this.#seen = said.remote;
      this.#expected = said.expected;
    }
    if (this.#seen) {
      const { progress, phase, status, note } = this.#seen;
      const next = nextStep(progress, phase, note !== null)[this.lang];
      this.#progress?.update({ progress, status, note, nextStep: next, expected: this.#expected });
    }
    if (this.#documents.length > 0) {
      this.#offer();
    }
  }

  #download(index: number): void {
    const file = this.#documents[index];
    if (file) {
      saveFile(file);
    }
  }

  #problem(error: unknown, kept: Kept, again: () => void): void {
    const code = isSportelloError(error) ? error.code : "internal";
    const { charged = "unknown" as const, findings = [] } = isCallError(error) ? error.details : {};
    const back = (): void => {
      this.#memory.disagree();
      this.#findings = findings;
      this.#showForm();
    };
    this.#show(
      () =>
        renderProblem({
          lang: this.lang,
          code,
          charged,
          reference: kept.reference,
          onRetry: again,
          // As long as nothing was paid, the answers may still be changed.
          ...(charged === "no" ? { onBack: back } : {}),
        }),
      false,
    );
  }
}

/** The same as far as the check of the answers, where the browser has no WebAssembly and the relay checks. */
class CheckedStory {
  #answers: Answers = {};
  #view: FormView | undefined;
  #draw: () => void = () => undefined;

  constructor(
    private readonly server: ServerCheck,
    private readonly place: HTMLElement,
    private lang: Lang,
  ) {}

  async begin(): Promise<this> {
    const service = await this.server.service(SERVICE);
    const form = {
      fields: service.form.fields,
      check: (answers: Answers) => this.server.check(service.id, answers),
      live: false,
    };
    this.#show(() => {
      const view = renderForm({
        form,
        files: fileTools(false),
        lang: this.lang,
        answers: this.#answers,
        onErrors: (count) => title(this.lang, count),
        onDone: () => {
          this.#view = undefined;
          this.#show(() => withNotice(WORDS[this.lang].checked, document.createElement("div")), false);
        },
      });
      this.#view = view;
      return withNotice(textsOf(this.lang).noWasm, view.element);
    }, true);
    return this;
  }

  speak(lang: Lang): void {
    this.#answers = this.#view?.answers() ?? this.#answers;
    this.lang = lang;
    this.#draw();
  }

  #show(draw: () => HTMLElement, heading: boolean): void {
    this.#draw = () => show(this.place, this.lang, draw, heading);
    this.#draw();
  }
}

function show(place: HTMLElement, lang: Lang, draw: () => HTMLElement, heading: boolean): void {
  const words = WORDS[lang];
  document.title = words.title;
  const title = document.createElement("h1");
  title.textContent = words.title;
  const lead = document.createElement("p");
  lead.className = "lead";
  lead.textContent = words.lead;
  place.replaceChildren(title, ...(heading ? [lead] : []), draw());
}

function title(lang: Lang, errors: number): void {
  const { title, errorTitle } = WORDS[lang];
  document.title = errors > 0 ? `${errorTitle} (${errors}): ${title}` : title;
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

import { type FieldEvents, FieldFrame, type FieldPart, type Look } from "./field.js";
import { button, fill, h, heard, set } from "./dom.js";
import type { FileAnswer } from "../types.js";
import type { FieldSource, FileTools } from "./source.js";
import { fileSize, put } from "./texts.js";

/** Documents with two sides, which phones photograph one by one. */
const TWO_SIDED = ["identity_document", "codice_fiscale_card"];
const PHOTOS = ["image/jpeg", "image/png"];

/** A field for a file: what it may be is said before one is chosen; several photos become one PDF. */
export function fileField(field: FieldSource, id: string, look: Look, events: FieldEvents, files: FileTools): FieldPart {
  const { texts, classes, lang } = look;
  const frame = new FieldFrame(field, id, look, events, "div");
  const isTwoSided = TWO_SIDED.includes(field.recognised?.role ?? "");
  const accept = field.input?.accept ?? [];
  const size = fileSize(files.limit, lang);
  frame.describe("rules", rulesText(texts.fileRules, typeNames(accept), size), null);
  if (isTwoSided && files.pages) {
    frame.describe("photos", texts.twoPhotos, null);
  }

  // The browser's own control speaks the browser's language, which need not be the page's: the label is the button.
  const control = h("input", {
    id,
    type: "file",
    class: "sportello-file",
    accept: accept.join(","),
    "aria-labelledby": `${id}-label ${id}-choose`,
  });
  const choose = h("label", { id: `${id}-choose`, for: id, class: classes.fileButton }, texts.chooseFile);
  const list = h("ul", { class: classes.fileList });
  list.hidden = true;
  frame.append(h("div", { class: "sportello-choose" }, control, choose), list);

  let parts: FileAnswer[] = [];
  let answer: FileAnswer | undefined;
  /** The latest choice wins, however long an earlier one takes to be read. */
  let turn = 0;

  const settle = async (next: FileAnswer[], said: string): Promise<void> => {
    const mine = ++turn;
    parts = next;
    const [first] = next;
    // A PDF that can't be made is told by the form's check of what was chosen, so the photos stay as they are.
    const whole = next.length > 1 && files.pages ? await files.pages(next) : first;
    if (mine !== turn) {
      return;
    }
    answer = whole;
    draw();
    events.say(said);
    events.changed(true);
  };

  const take = async (file: File, place: number): Promise<void> => {
    const chosen = await files.from(file);
    await settle([...parts.slice(0, place), chosen], put(texts.chosen, { name: file.name }));
  };

  control.addEventListener("change", () => {
    const [file] = control.files ?? [];
    // Emptied, so that the same file chosen again after a change on disk is noticed.
    if (file) {
      void take(file, 0).finally(() => {
        control.value = "";
      });
    }
  });

  const nameOf = (index: number): string => {
    if (isTwoSided && index < 2) {
      return index === 0 ? texts.front : texts.back;
    }
    return put(texts.page, { n: index + 1 });
  };

  const item = (part: FileAnswer, index: number): HTMLElement => {
    const { name, size } = part.file;
    const remove = (): void => {
      void settle(parts.filter((_, at) => at !== index), put(texts.removed, { name }));
      control.focus();
    };
    return h(
      "li",
      {},
      h(
        "span",
        { class: "sportello-file-name" },
        parts.length > 1 ? h("strong", {}, `${nameOf(index)}: `) : null,
        h("bdi", {}, name),
        ` (${fileSize(size, lang)})`,
      ),
      button(classes.link, remove, texts.remove, heard(` ${name}`)),
    );
  };

  function draw(): void {
    choose.textContent = parts.length > 0 ? texts.anotherFile : texts.chooseFile;
    const items = parts.map(item);
    const last = parts.at(-1);
    if (files.pages && last && parts.every(isPhoto)) {
      items.push(addition());
    }
    if (parts.length > 1 && answer) {
      const { name, size } = answer.file;
      const text = put(texts.onePdf, { name, size: fileSize(size, lang) });
      items.push(h("li", { class: "sportello-whole" }, text));
    }
    fill(list, ...items);
    list.hidden = items.length === 0;
  }

  /** One more page, from a second control of its own. */
  function addition(): HTMLElement {
    const text = isTwoSided && parts.length === 1 ? texts.addBack : texts.addPage;
    const more = h("input", {
      id: `${id}-more`,
      type: "file",
      class: "sportello-file",
      accept: PHOTOS.join(","),
      "aria-labelledby": `${id}-label ${id}-add`,
    });
    more.addEventListener("change", () => {
      const [file] = more.files ?? [];
      if (file) {
        void take(file, parts.length).finally(() => control.focus());
      }
    });
    const label = h("label", { id: `${id}-add`, for: more.id, class: classes.fileButton }, text);
    return h("li", { class: "sportello-choose" }, more, label);
  }

  return {
    element: frame.element,
    control,
    answer: () => answer,
    setAnswer(given) {
      answer = typeof given === "object" ? given : undefined;
      parts = answer ? [answer] : [];
      draw();
    },
    setRequired(required) {
      frame.setRequired(required);
      // `aria-required` is not for files: the label says it.
    },
    show(findings, groups) {
      frame.show(control, findings, groups);
      set(choose, "data-invalid", findings.some((finding) => finding.severity === "error"));
    },
  };
}

function isPhoto(part: FileAnswer): boolean {
  return PHOTOS.includes(part.file.mime);
}

/** What a file may be; its size alone where nothing is known of its type. */
function rulesText(template: string, types: string, size: string): string {
  const text = put(template, { types, size }).replace(/^, /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `PDF, JPEG, PNG` for what a chooser accepts. */
function typeNames(accept: readonly string[]): string {
  const names = accept.filter((it) => it.startsWith(".")).map((it) => it.slice(1).toUpperCase());
  const short: Record<string, string> = { JPG: "JPEG", TIF: "TIFF" };
  return [...new Set(names.map((name) => short[name] ?? name))].join(", ");
}

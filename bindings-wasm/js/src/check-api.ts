// What both entry points have.
export { CodiceFiscale } from "./codice-fiscale.js";
export type { Coherence, Part, PersonalData } from "./codice-fiscale.js";
export { SportelloError, isSportelloError } from "./error.js";
export { Attachment, HEAD_BYTES, TAIL_BYTES } from "./file.js";
export { Service, ServiceForm, checkValue } from "./form.js";
export type { FormOptions } from "./form.js";
export type { StandardIssue, StandardResult, StandardSchema } from "./standard.js";
export { FILE_LIMIT_BYTES } from "./tables.js";
export { addTexts, findingText } from "./text.js";
export type { Texts } from "./text.js";
export type * from "./types.js";

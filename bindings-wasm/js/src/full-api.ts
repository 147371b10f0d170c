// What `sportello` has.
import { addTexts } from "./text.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";
import { fr } from "./texts/fr.js";
import { it } from "./texts/it.js";

export * from "./check-api.js";
export { SportelloClient, isCallError } from "./client/client.js";
export { saveFile } from "./client/collect.js";
export type { CallOptions, ClientOptions, DeliveryOptions, SubmitTerms, Timing, WaitOptions } from "./client/client.js";
export { openDrafts } from "./client/drafts.js";
export type { Draft, DraftOptions, Drafts } from "./client/drafts.js";
export { indexedDbJournal } from "./client/indexeddb.js";
export { memoryJournal } from "./client/journal.js";
export type { Journal, Stored } from "./client/journal.js";
export type * from "./client/types.js";
export { AssegnoUnico, pages, toJsonSchema } from "./full.js";
export type { AssegnoUnicoData } from "./full.js";
export { deliveryEstimate, instructionsText, nextStep, quote } from "./page.js";
export type { Quote } from "./page.js";

addTexts(it, en, fr, de);

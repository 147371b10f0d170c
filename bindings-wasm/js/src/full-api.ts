// What `sportello` has.
import { addTexts } from "./text.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";
import { fr } from "./texts/fr.js";
import { it } from "./texts/it.js";

export * from "./check-api.js";
export { AssegnoUnico, pages, toJsonSchema } from "./full.js";
export type { AssegnoUnicoData } from "./full.js";

addTexts(it, en, fr, de);

/** Views of a service's story as plain HTML: the form, the check of the answers, the hand-in, the receipt. */
export { renderForm, type FormOptions, type FormView, type LookOptions } from "./form.js";
export { renderReview, type PriceView, type ReviewOptions } from "./review.js";
export { renderChoice, type ChoiceOptions, type ResultView } from "./choice.js";
export { renderProgress, type ProgressOptions, type ProgressView, type SubmissionView } from "./progress.js";
export { renderProblem, type ProblemOptions } from "./problem.js";
export { bootstrapItalia, type ClassNames } from "./classes.js";
export { textsOf, type Texts } from "./texts.js";
export type { FieldSource, FileTools, FormSource } from "./source.js";

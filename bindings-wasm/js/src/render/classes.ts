/** The class names that the renderer gives; each may be several, separated by blanks. */
export interface ClassNames {
  /** A view as a whole. */
  root: string;
  heading: string;
  lead: string;
  /** A paragraph that matters less. */
  muted: string;
  /** The boxes at the top that say what to correct, and what to look at. */
  errorSummary: string;
  warningSummary: string;
  infoBox: string;
  successBox: string;
  boxHeading: string;
  /** One field with all that belongs to it. */
  field: string;
  label: string;
  help: string;
  input: string;
  select: string;
  inputInvalid: string;
  inputWarning: string;
  error: string;
  warning: string;
  /** The message about several fields of which one is enough. */
  group: string;
  check: string;
  actions: string;
  primary: string;
  secondary: string;
  link: string;
  fileButton: string;
  fileList: string;
  /** Answers, and other pairs of a name and a value. */
  list: string;
  table: string;
  steps: string;
  progress: string;
}

/** Those of bootstrap-italia 2: the default. */
export const bootstrapItalia: ClassNames = {
  root: "sportello",
  heading: "h3",
  lead: "lead",
  muted: "text-secondary small",
  errorSummary: "alert alert-danger",
  warningSummary: "alert alert-warning",
  infoBox: "alert alert-info",
  successBox: "alert alert-success",
  boxHeading: "alert-heading h5",
  field: "form-group",
  label: "active",
  help: "form-text",
  input: "form-control",
  select: "form-select",
  inputInvalid: "is-invalid",
  inputWarning: "warning",
  error: "form-feedback just-validate-error-label",
  warning: "form-feedback warning-feedback",
  group: "callout callout-highlight",
  check: "form-check",
  actions: "sportello-actions",
  primary: "btn btn-primary",
  secondary: "btn btn-outline-primary",
  link: "btn btn-link",
  fileButton: "btn btn-outline-primary",
  fileList: "upload-file-list list-unstyled",
  list: "sportello-answers",
  table: "table",
  steps: "sportello-steps",
  progress: "sportello-progress",
};

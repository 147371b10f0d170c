/** Standard Schema, version 1 (https://standardschema.dev): the part of it that a form has. */
export interface StandardSchema<Input, Output = Input> {
  readonly version: 1;
  readonly vendor: "sportello";
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** What a validation ends with. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One issue. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly PropertyKey[] | undefined;
}

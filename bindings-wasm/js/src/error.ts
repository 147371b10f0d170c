/** Why a call did not do what was asked. Branch on `code`; the message is for developers. */
export class SportelloError extends Error {
  /** The stable dotted code: `schema.rule_syntax`. */
  readonly code: string;

  constructor(code: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = "SportelloError";
    this.code = code;
  }
}

/** True for this library's errors, from whichever copy of the package they come. */
export function isSportelloError(error: unknown): error is SportelloError {
  return error instanceof Error && error.name === "SportelloError" && "code" in error;
}

/** Calls into the library and gives its errors their class. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SportelloError) && isSportelloError(error)) {
      throw new SportelloError(error.code, error.message);
    }
    throw error;
  }
}

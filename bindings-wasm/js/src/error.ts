/** Why a call did not do what was asked. Branch on `code`; the message is for developers. */
export class SportelloError extends Error {
  /** The stable dotted code: `schema.rule_syntax`. */
  readonly code: string;
  /** Particulars, without personal data. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, detail: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.name = "SportelloError";
    this.code = code;
    this.details = details;
  }
}

/** True for this library's errors, from whichever copy of the package they come; with a `code`, for that one alone. */
export function isSportelloError(error: unknown, code?: string): error is SportelloError {
  const ours = error instanceof Error && error.name === "SportelloError" && "code" in error;
  return ours && (code === undefined || error.code === code);
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

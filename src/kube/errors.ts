/** A cause in the `details` of a Status. */
export type StatusCause = { readonly reason?: string; readonly message?: string; readonly field?: string };

/** The API server's refusal of a request, with the Status it gave. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status code. */
  readonly status: number;
  /** `reason` of the Status, such as `NotFound`; empty when the answer was no Status. */
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number | undefined;

  constructor(answer: {
    status: number;
    reason?: string;
    message: string;
    causes?: readonly StatusCause[];
    retryAfterSeconds?: number | undefined;
  }) {
    super(answer.message);
    this.status = answer.status;
    this.reason = answer.reason ?? '';
    this.causes = answer.causes ?? [];
    this.retryAfterSeconds = answer.retryAfterSeconds;
  }
}

/** The API server did not answer. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** Whether it was waited for until the time was over. */
  readonly timedOut: boolean;

  constructor(message: string, { timedOut = false, ...options }: ErrorOptions & { timedOut?: boolean } = {}) {
    super(message, options);
    this.timedOut = timedOut;
  }
}

const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiError && error.status === status;

export const isForbidden = (error: unknown): boolean => isStatus(error, 403);
export const isNotFound = (error: unknown): boolean => isStatus(error, 404);
export const isInvalid = (error: unknown): boolean => isStatus(error, 422);
/** The resourceVersion, or the page, asked for is too old. */
export const isGone = (error: unknown): boolean => isStatus(error, 410);
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';
/** Somebody else wrote first, or a precondition failed. */
export const isConflict = (error: unknown): boolean => isStatus(error, 409) && !isAlreadyExists(error);

/** Whether the Status names this cause, such as `NamespaceTerminating`. */
export function hasCause(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.causes.some((cause) => cause.reason === reason);
}

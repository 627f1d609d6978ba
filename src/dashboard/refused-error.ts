/** A request is refused. The message says why, and what to do. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

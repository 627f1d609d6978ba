/** An address cannot be listened on: it is taken, or none of this machine's. The message says which option gave it. */
export class BindError extends Error {
  override readonly name = 'BindError';
}

import { pino } from 'pino';

type Write = (fields: object, message: string) => void;

/** The part of a pino logger that the rooms use. */
export type Logger = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
};

/** Logs JSON lines to stderr. Credentials are cut out wherever a field of that name turns up. */
export function createLogger({ level }: { readonly level: string }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      redact: ['authorization', '*.authorization', 'token', '*.token', 'headers', '*.headers'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Errors of which the message says all: a stack trace would only bury it. */
const SPEAKING = new Set([
  'ApiError',
  'UnreachableError',
  'RevisionCollisionError',
  'StaleOwnerError',
  'CertificateError',
]);

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  if (!SPEAKING.has(error.name)) return pino.stdSerializers.err(error);
  return { type: error.name, message: error.message };
}

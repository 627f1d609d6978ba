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
      redact: ['authorization', '*.authorization', 'token', '*.token', 'headers', '*.headers'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

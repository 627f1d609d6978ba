import type { Logger } from '../../src/telemetry/log.ts';

export type LogLine = { readonly level: keyof Logger; readonly fields: object; readonly message: string };

/** Keeps what is logged. */
export function recordingLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

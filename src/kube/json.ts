/**
 * Parses JSON without rounding whole numbers: those that a double cannot hold stay as raw JSON, and are written
 * back digit for digit. Only a text with a long run of digits pays for that.
 */
export function parseJson(text: string): unknown {
  return /\d{16}/.test(text) ? JSON.parse(text, keepUnsafeInteger) : JSON.parse(text);
}

function keepUnsafeInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  const rounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return rounded && source !== undefined && /^-?\d+$/.test(source) ? JSON.rawJSON(source) : value;
}

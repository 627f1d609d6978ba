import { textWidth } from './columns.ts';
import type { Output } from './terminal.ts';

/**
 * Draws a text over the one before it on a terminal.
 *
 * @returns a function that draws, and returns false when the text does not fit on the screen and was not drawn.
 */
export function redrawing(output: Output): (text: string) => boolean {
  let height = 0;
  let last = '';
  return (text) => {
    if (text === last) return true;
    const needed = screenLines(text, output.columns);
    if (needed >= (output.rows ?? Infinity)) return false;
    const up = height > 0 ? `\u001B[${height}A` : '';
    // From the left, wherever somebody typed to.
    output.write(`\r${up}\u001B[0J${text}`);
    height = needed;
    last = text;
    return true;
  };
}

/** Lines of the screen that the text takes, long ones being wrapped. */
function screenLines(text: string, columns = Infinity): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
}

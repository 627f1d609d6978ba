import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

const README = join(import.meta.dirname, '../README.md');
const BLOCK = /^```\n\$ (?<commandLine>.+)\n(?<printed>[^`]*)^```$/gm;
/** Sentences are folded; README.md is as wide. */
const WIDTH = 118;

/** What is shown that needs no cluster. */
export const OFFLINE = [
  'everynode lint -f fluentd.yaml',
  'everynode convert -f fluentd.yaml --diff',
] as const;

/** What is shown of a cluster, by what happens there. */
export const LIVE = {
  explain: 'everynode explain fluentd-elasticsearch node-4 -n kube-system',
  plan: 'everynode plan -f fluentd.yaml',
  audit: 'everynode audit -n kube-system',
  denial: `kubectl patch ds/agent -p '{"spec":{"selector":{"matchLabels":{"tier":"x"}}}}'`,
} as const;

/** The command lines whose output README.md shows. */
export async function shownCommands(): Promise<readonly string[]> {
  return [...(await readFile(README, 'utf8')).matchAll(BLOCK)].map(
    (match) => match.groups?.['commandLine'] ?? '',
  );
}

/**
 * Fails where README.md shows something else than what the command has just printed. With UPDATE_README=1 in the
 * environment it is written there instead.
 */
export async function expectInReadme(commandLine: string, printed: string): Promise<void> {
  const text = await readFile(README, 'utf8');
  const shown = [...text.matchAll(BLOCK)].find((match) => match.groups?.['commandLine'] === commandLine);
  const lines = printed.trimEnd().replaceAll(/ +$/gm, '');
  const block = `\`\`\`\n$ ${commandLine}\n${lines}\n\`\`\``;
  if (shown && process.env.UPDATE_README === '1') {
    await writeFile(
      README,
      text.replace(shown[0], () => block),
    );
    return;
  }
  expect(shown?.[0], `README.md; UPDATE_README=1 writes it anew`).toBe(block);
}

/** Long lines as an editor would fold them, each with the indentation of its beginning. */
export function folded(text: string): string {
  return text.split('\n').map(foldedLine).join('\n');
}

function foldedLine(line: string): string {
  const at = line.lastIndexOf(' ', WIDTH);
  const [indentation = ''] = /^ */.exec(line) ?? [];
  if (line.length <= WIDTH || at <= indentation.length) return line;
  return `${line.slice(0, at)}\n${foldedLine(indentation + line.slice(at + 1))}`;
}

import { type Paint, painter } from '../columns.ts';

/** A line of a difference, with its line break where it has one. */
type Change = { readonly sign: ' ' | '-' | '+'; readonly line: string };

const CONTEXT = 3;

/**
 * The difference between two texts as `patch` and `git apply` take it; empty where there is none. It is exact, and not
 * always the shortest: its time grows with the texts, and not with their square.
 */
export function unifiedDiff(before: string, after: string, name: string, colours: boolean): string {
  if (before === after) return '';
  const changes = compare(linesOf(before), linesOf(after));
  const paint = painter(colours);
  const head = [paint('bold', `--- ${name}`), paint('bold', `+++ ${name}`)].map((line) => `${line}\n`);
  return [...head, ...hunksOf(changes).map((hunk) => format(hunk, paint))].join('');
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(before: readonly string[], after: readonly string[]): readonly Change[] {
  const changes: Change[] = [];
  let old = 0;
  let now = 0;
  while (old < before.length || now < after.length) {
    const [removed, added] = nextMeeting(before, after, old, now);
    for (const line of before.slice(old, old + removed)) changes.push({ sign: '-', line });
    for (const line of after.slice(now, now + added)) changes.push({ sign: '+', line });
    old += removed;
    now += added;
    const line = before[old];
    if (line !== undefined) changes.push({ sign: ' ', line });
    old += 1;
    now += 1;
  }
  return changes;
}

/** How many lines to leave out on either side until both go on with the same ones: the fewest in sum. */
function nextMeeting(
  before: readonly string[],
  after: readonly string[],
  old: number,
  now: number,
): readonly [number, number] {
  const most = before.length - old + after.length - now;
  for (let sum = 0; sum <= most; sum += 1) {
    for (let removed = 0; removed <= sum; removed += 1) {
      if (meets(before, after, old + removed, now + sum - removed)) return [removed, sum - removed];
    }
  }
  return [before.length - old, after.length - now];
}

function meets(before: readonly string[], after: readonly string[], old: number, now: number): boolean {
  if (old > before.length || now > after.length) return false;
  return before[old] === after[now];
}

/** Changes with some lines around them, and how many lines of either text come before. */
type Hunk = { readonly before: number; readonly after: number; readonly changes: Change[] };

/** Changes that are near each other are in one hunk. */
function hunksOf(changes: readonly Change[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let before = 0;
  let after = 0;
  /** Up to here, changes are in the last hunk. */
  let until = 0;
  for (const [at, change] of changes.entries()) {
    if (change.sign !== ' ') {
      if (at - CONTEXT > until || hunks.length === 0) {
        const around = changes.slice(Math.max(at - CONTEXT, 0), at);
        hunks.push({ before: before - around.length, after: after - around.length, changes: around });
        until = at;
      }
      hunks.at(-1)?.changes.push(...changes.slice(until, at + 1 + CONTEXT));
      until = Math.min(at + 1 + CONTEXT, changes.length);
    }
    if (change.sign !== '+') before += 1;
    if (change.sign !== '-') after += 1;
  }
  return hunks;
}

function format({ before, after, changes }: Hunk, paint: Paint): string {
  const range = (start: number, other: '-' | '+'): string => {
    const count = changes.filter(({ sign }) => sign !== other).length;
    return `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
  };
  const head = paint('cyan', `@@ -${range(before, '+')} +${range(after, '-')} @@`);
  return [`${head}\n`, ...changes.map((change) => formatLine(change, paint))].join('');
}

function formatLine({ sign, line }: Change, paint: Paint): string {
  const [, text = '', end = ''] = /^(.*?)(\r?\n|)$/s.exec(line) ?? [];
  const style = sign === '-' ? 'red' : 'green';
  const shown = sign === ' ' ? sign + text : paint(style, sign + text);
  return `${shown}${end}${end === '' ? '\n\\ No newline at end of file\n' : ''}`;
}

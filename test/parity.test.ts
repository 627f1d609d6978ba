import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Sections of the specification of upstream's behaviour (`§3.5`), and how many each chapter has. */
const SECTIONS: Record<number, number> = { 1: 6, 2: 4, 3: 7, 4: 4, 5: 10, 6: 4, 7: 8 };
const CORNER_CASES = 25;

const numbers = [
  ...Object.entries(SECTIONS).flatMap(([chapter, count]) => upTo(count).map((n) => `${chapter}.${n}`)),
  ...upTo(CORNER_CASES).map((n) => `9.1.${n}`),
];

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Numbers in names of tests and in the keys of their tables; comments do not count. */
function numbersNamed(): ReadonlySet<string> {
  const names = globSync('**/*.test.ts', { cwd: import.meta.dirname })
    .flatMap((file) => readFileSync(join(import.meta.dirname, file), 'utf8').split('\n'))
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .flatMap((line) => line.match(/§[\d.]*\d/g) ?? []);
  return new Set(names.map((name) => name.slice(1)));
}

const named = numbersNamed();

it.each(numbers)('§%s of upstream’s behaviour has a test that names it', (number) => {
  expect(named).toContain(number);
});

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonSetRules } from '../../../../src/core/admission/rules/index.ts';

const source = join(import.meta.dirname, '../../../../src/core/admission/rules');

describe('the register of rules', () => {
  it('holds one rule for each file, under the name of the file', () => {
    const files = readdirSync(source).filter((name) => name !== 'index.ts');
    expect(daemonSetRules.map(({ id }) => `${id}.ts`).toSorted()).toEqual(files.toSorted());
  });

  it.each(daemonSetRules.map(({ id }) => id))('has a test for %s', (id) => {
    expect(existsSync(join(import.meta.dirname, `${id}.test.ts`))).toBe(true);
  });
});

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { valuesSchema } from '../../charts/generate/values-schema.ts';
import { DEFAULT_SETTINGS } from '../../src/core/admission/settings.ts';

const values = parse(await readFile('charts/everynode/values.yaml', 'utf8'), { version: '1.1' }) as Record<
  string,
  unknown
>;

describe('values.yaml', () => {
  it('has every value of the schema, and no other', () => {
    expect(valuesSchema.safeParse(values).error).toBeUndefined();
  });

  it('sets admission as the webhook has it by itself', () => {
    expect(values.admission).toEqual(DEFAULT_SETTINGS);
  });
});

describe('Chart.yaml', async () => {
  const chart = parse(await readFile('charts/everynode/Chart.yaml', 'utf8')) as Record<string, unknown>;
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

  it('has the version of the program', () => {
    expect(chart).toMatchObject({ version, appVersion: version });
  });

  it('lets pre-releases of Kubernetes count, as platforms name theirs', () => {
    expect(chart.kubeVersion).toMatch(/-0$/);
  });

  it('has annotations of text, as Artifact Hub reads them', () => {
    const annotations = chart.annotations as Record<string, unknown>;
    expect(Object.values(annotations).every((value) => typeof value === 'string')).toBe(true);
    expect(parse(String(annotations['artifacthub.io/changes']))).toContainEqual({
      kind: 'added',
      description: expect.any(String),
    });
  });
});

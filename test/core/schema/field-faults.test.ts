import { describe, expect, it, test } from 'vitest';
import { fieldFaults } from '../../../src/core/schema/field-faults.ts';
import { KINDS } from '../../../src/core/schema/kinds.ts';
import { parseKinds } from '../../../src/core/schema/parse-kinds.ts';
import { everyField, mutations } from '../../builders/every-field.ts';
import { rawDaemonSet } from '../admission/rules/daemonset-change.ts';

const kinds = parseKinds(KINDS);
const faultsOf = (podSpec: object): readonly string[] =>
  fieldFaults(rawDaemonSet({ selector: {}, podSpec })).map(({ path, message }) => `${path} ${message}`);
const withContainer = (fields: object): readonly string[] =>
  faultsOf({ containers: [{ name: 'a', ...fields }] });
const AT = 'spec.template.spec.containers[0]';

describe('the fields of a DaemonSet', () => {
  it('are sound where each is there, with its type', () => {
    expect(fieldFaults(everyField(kinds, 'DaemonSet'))).toEqual([]);
  });

  it('are sound where there are none: what is missing in mappings that are left out, other rules find', () => {
    expect(fieldFaults({})).toEqual([]);
  });

  it('have one fault, and it is found, when one of them has', () => {
    const all = mutations(kinds, 'DaemonSet').filter(({ path }) => !path.startsWith('status'));
    expect(all.length).toBeGreaterThan(1_000);
    for (const { path, object } of all) {
      const found = fieldFaults(object).filter(({ is }) => is !== 'missing');
      expect(found.map((fault) => fault.path)).toEqual([path]);
    }
  });

  it('that do not exist are told of a few at a time, however many and however long', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`imag${at}`, 1]));
    expect(withContainer(many)).toHaveLength(20);
    expect(withContainer({ [`image${'x'.repeat(1_000_000)}`]: 1 })[0]).toMatch(/remove it$/);
  });

  it('may be null, as if they were not there', () => {
    expect(withContainer({ image: null, ports: null, resources: null })).toEqual([]);
  });

  it('of the status are nobody’s business', () => {
    expect(fieldFaults({ ...(rawDaemonSet({}) as object), spec: undefined, status: { a: 1 } })).toEqual([]);
  });

  test.each([
    [{ ports: [{}] }, `${AT}.ports[0].containerPort is missing`],
    [
      { ports: [{ containerPort: '80' }] },
      `${AT}.ports[0].containerPort is the string "80", and must be a whole number`,
    ],
    [{ args: [7] }, `${AT}.args[0] is the number 7, and must be a string; put it in quotes`],
    [{ args: [null] }, `${AT}.args[0] is empty, and must be a string; put it in quotes`],
    [{ args: [[]] }, `${AT}.args[0] is a list, and must be a string`],
    [{ tty: 'yes' }, `${AT}.tty is the string "yes", and must be true or false`],
    [
      { resources: { limits: { cpu: true } } },
      `${AT}.resources.limits[cpu] is the boolean true, and must be a quantity such as 100Mi`,
    ],
    [{ resource: {} }, `${AT}.resource is no field of Kubernetes 1.36 here; resources may be meant`],
    [{ Image: 'a' }, `${AT}.Image is no field of Kubernetes 1.36 here; image may be meant`],
    [{ probe: {} }, `${AT}.probe is no field of Kubernetes 1.36 here; livenessProbe may be meant`],
    [{ cpu: 1 }, `${AT}.cpu is no field of Kubernetes 1.36 here; remove it`],
  ])('%j: %s', (fields, fault) => {
    expect(withContainer(fields)).toEqual([fault]);
  });

  test.each([
    [{ resources: { limits: { cpu: 1, memory: '1Gi' } } }],
    [{ readinessProbe: { httpGet: { port: 'web' } } }],
    [{ readinessProbe: { httpGet: { port: 80 } } }],
  ])('%j is sound', (fields) => {
    expect(withContainer(fields)).toEqual([]);
  });

  it('take a number with more digits than JavaScript has, as it arrives from an API server', () => {
    const terminationGracePeriodSeconds = JSON.rawJSON('9223372036854775807');
    const template = { spec: { containers: [], terminationGracePeriodSeconds } };
    expect(fieldFaults({ spec: { template } })).toEqual([]);
  });
});

test.each([7, 'x', null, [], undefined])('%j is for others to tell of', (object) => {
  expect(fieldFaults(object)).toEqual([]);
});

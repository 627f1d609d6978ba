import { describe, expect, test } from 'vitest';
import { Refusals, type Report } from '../../../src/cli/audit/refusals.ts';
import { ApiError } from '../../../src/kube/errors.ts';

const about = (name: string, namespace = 'apps'): Report => ({
  metadata: { name: `everynode-uid-of-${name}`, namespace },
  scope: { kind: 'DaemonSet', namespace, name },
});

/** As kube-apiserver words it. */
const noRight = (verb: string, { metadata }: Report): ApiError =>
  new ApiError({
    status: 403,
    reason: 'Forbidden',
    message:
      `reports.openreports.io "${metadata.name}" is forbidden: User "audit" cannot ${verb} resource "reports" in ` +
      `API group "openreports.io" in the namespace "${metadata.namespace}"`,
  });

const denied = ({ metadata }: Report, why: string): ApiError =>
  new ApiError({
    status: 403,
    reason: 'Forbidden',
    message: `reports.openreports.io "${metadata.name}" is forbidden: ${why}`,
  });

describe('reports that the API server did not take', () => {
  test('are nothing to speak of where there are none', () => {
    expect(new Refusals().sentence()).toBeUndefined();
  });

  test('are named with the reason, a few for each, then counted', () => {
    const refusals = new Refusals();
    for (const name of ['a', 'b', 'c', 'd', 'e']) refusals.add(about(name), denied(about(name), 'quota'));
    refusals.add(about('f'), denied(about('f'), 'policy'));
    expect(refusals.sentence()).toBe(
      'DaemonSet apps/a, DaemonSet apps/b, DaemonSet apps/c and 2 more: ' +
        'reports.openreports.io "everynode-uid-of-a" is forbidden: quota; ' +
        'DaemonSet apps/f: reports.openreports.io "everynode-uid-of-f" is forbidden: policy',
    );
  });

  test('are counted also where each has a reason of its own', () => {
    const refusals = new Refusals();
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      refusals.add(about(name), denied(about(name), `no ${name}!`));
    expect(refusals.sentence()).toMatch(/no a!; .*no b!; .*no c!; and 2 more$/);
  });

  test('have their own name where they do not say what they are about', () => {
    const refusals = new Refusals();
    const { metadata } = about('a');
    refusals.add({ metadata }, denied({ metadata }, 'quota'));
    expect(refusals.sentence()).toMatch(/^apps\/everynode-uid-of-a: /);
  });

  test('are tried once in a namespace without the right, and in three namespaces at most', () => {
    const refusals = new Refusals();
    const reports = Array.from({ length: 100 }, (_, index) => about(`agent-${index}`, `team-${index % 10}`));
    const tries: string[] = [];
    for (const report of reports) {
      if (refusals.foresees(report, ['patch', 'create'])) continue;
      tries.push(report.metadata.namespace);
      refusals.add(report, noRight('create', report));
    }
    expect(tries).toEqual(['team-0', 'team-1', 'team-2']);
    expect(refusals.sentence()).toMatch(
      /^DaemonSet team-0\/agent-0, DaemonSet team-1\/agent-1, DaemonSet team-2\/agent-2 and 97 more: reports[^;]*$/,
    );
    expect(refusals.foresees(about('agent'), ['patch']), 'another verb').toBe(false);
  });

  test('say nothing about other namespaces where one lacks the right, nor of others where admission refuses one', () => {
    const refusals = new Refusals();
    refusals.add(about('a'), noRight('patch', about('a')));
    expect(refusals.foresees(about('b'), ['patch'])).toBe(true);
    expect(refusals.foresees(about('b', 'elsewhere'), ['patch'])).toBe(false);
    refusals.add(about('c', 'elsewhere'), denied(about('c', 'elsewhere'), 'quota'));
    expect(refusals.foresees(about('d', 'elsewhere'), ['patch'])).toBe(false);
  });
});

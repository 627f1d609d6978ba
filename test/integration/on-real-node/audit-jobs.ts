import { expect, test } from 'vitest';
import { NAMESPACE, RELEASE } from '../chart/template.ts';
import { eventually, type TestCluster } from '../harness.ts';

type Job = {
  metadata: { readonly name: string };
  spec: { template: { spec: { containers: [{ args: string[] }] } } };
};
type Condition = { readonly type: string; readonly status: string; readonly reason?: string };

/** Jobs of the chart's CronJob for the audit, and what they find about the DaemonSet `agent`. */
export function auditTests(started: () => TestCluster): void {
  const fromCronJob = (name: string): readonly string[] =>
    `create job ${name} -n ${NAMESPACE} --from=cronjob/${RELEASE}-audit`.split(' ');

  /** Waits for the Job's end; returns how it ended, and what it printed. */
  async function ended(name: string): Promise<{ readonly condition: Condition; readonly log: string }> {
    const cluster = started();
    const condition = await eventually(async () => {
      type Status = { readonly status: { readonly conditions?: readonly Condition[] } };
      const { status } = await cluster.json<Status>('get', 'job', name, '-n', NAMESPACE);
      const found = status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
      if (!found) throw new Error(`the Job ${name} has not ended: ${JSON.stringify(status)}`);
      return found;
    });
    return { condition, log: await cluster.kubectl('logs', `job/${name}`, '-n', NAMESPACE) };
  }

  test('a Job of the audit is complete whatever it finds, and leaves a log and reports', async () => {
    const cluster = started();
    await cluster.kubectl(...fromCronJob('audit-now'));
    const { condition, log } = await ended('audit-now');
    expect(log).toContain('readiness-probe  DaemonSet default/agent\n');
    expect(condition.type).toBe('Complete');
    const { metadata } = await cluster.daemonSet('agent');
    const report = `everynode-${metadata.uid}`;
    const { results } = await cluster.json<{ results: { policy: string }[] }>(
      'get',
      'reports.openreports.io',
      report,
    );
    expect(results.map(({ policy }) => policy)).toContain('readiness-probe');
  });

  test('a Job that is to fail for findings does so once', async () => {
    const cluster = started();
    const job = await cluster.json<Job>(...fromCronJob('audit-strictly'), '--dry-run=client');
    job.spec.template.spec.containers[0].args.push('--fail-on=info');
    await cluster.apply(job);
    const { condition } = await ended('audit-strictly');
    expect(condition).toMatchObject({ type: 'Failed', reason: 'PodFailurePolicy' });
    const pods = `get pods -n ${NAMESPACE} -l job-name=audit-strictly -o name`.split(' ');
    expect((await cluster.kubectl(...pods)).trim().split('\n')).toHaveLength(1);
  });
}

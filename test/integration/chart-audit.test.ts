import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, describe, onTestFinished, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { readAdmissionConfiguration } from '../../src/config/admission-configuration.ts';
import { rulesOff } from '../../src/core/admission/settings.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { type KubeObject, NAMESPACE, only, render, renderObjects } from './chart/template.ts';

type Rule = { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; verbs: string[] };
type Container = { readonly args: readonly string[]; readonly [field: string]: unknown };
type CronJob = KubeObject & {
  readonly spec: {
    readonly [field: string]: unknown;
    readonly jobTemplate: {
      readonly spec: {
        readonly podFailurePolicy: { readonly rules: readonly object[] };
        readonly template: {
          readonly metadata: { readonly labels: object; readonly annotations?: object };
          readonly spec: {
            readonly containers: readonly [Container];
            readonly [field: string]: unknown;
          };
        };
        readonly [field: string]: unknown;
      };
    };
  };
};

const CONFIG = '--config=/etc/everynode/admission.yaml';

const objectsWith = (audit: object, more: object = {}): Promise<readonly KubeObject[]> =>
  renderObjects({ values: { audit: { enabled: true, ...audit }, ...more } });

const cronJob = async (audit: object = {}): Promise<CronJob> =>
  only(await objectsWith(audit), 'CronJob') as CronJob;

async function argsWith(audit: object): Promise<readonly string[]> {
  return (await cronJob(audit)).spec.jobTemplate.spec.template.spec.containers[0].args;
}

/** The file that the audit's flag `--config` names, as kubelet would mount it. */
async function mountedConfiguration(objects: readonly KubeObject[]): Promise<string> {
  const { volumes, containers } = (only(objects, 'CronJob') as CronJob).spec.jobTemplate.spec.template.spec;
  const [volume] = volumes as readonly { name: string; configMap: { name: string } }[];
  const folder = await mkdtemp(join(tmpdir(), 'everynode-audit-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { mountPath } = (containers[0]['volumeMounts'] as { name: string; mountPath: string }[]).find(
    ({ name }) => name === volume?.name,
  ) ?? { mountPath: 'nowhere' };
  const data = only(objects, 'ConfigMap', volume?.configMap.name)['data'] as Record<string, string>;
  for (const [name, text] of Object.entries(data)) await writeFile(join(folder, name), text);
  return CONFIG.replace('--config=', '').replace(mountPath, folder);
}

describe('the audit on a schedule', () => {
  test('is not there unless it is asked for', async () => {
    const names = (await renderObjects()).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.filter((name) => /audit|CronJob/.test(name))).toEqual([]);
  });

  test('runs once at a time, and is not tried again for what it found', async () => {
    const { spec } = await cronJob({ timeZone: 'Etc/UTC', suspend: true });
    expect(spec).toMatchObject({
      schedule: '17 3 * * *',
      timeZone: 'Etc/UTC',
      suspend: true,
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    const { podFailurePolicy, template, ...job } = spec.jobTemplate.spec;
    expect(job).toEqual({ activeDeadlineSeconds: 900, backoffLimit: 2 });
    expect(podFailurePolicy.rules[0]).toEqual({
      action: 'FailJob',
      onExitCodes: { operator: 'In', values: [1, 2] },
    });
    expect(template.spec.restartPolicy).toBe('Never');
  });

  test('is as locked up as the other pods, ranks below them, and is asked nothing', async () => {
    const { spec } = (await cronJob({ podAnnotations: { note: 'mine' } })).spec.jobTemplate.spec.template;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [container] = spec.containers;
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec).not.toHaveProperty('priorityClassName');
    expect(container).not.toHaveProperty('livenessProbe');
    expect(container).not.toHaveProperty('ports');
  });

  test.each([
    [{}, ['audit', CONFIG, '--fail-on=never']],
    [
      { failOn: 'error', reports: 'openreports' },
      ['audit', CONFIG, '--fail-on=error', '--write=openreports'],
    ],
    [
      { reports: 'wgpolicy', extraArgs: ['--output=json', '--off=resources'] },
      ['audit', CONFIG, '--fail-on=never', '--write=wgpolicy', '--output=json', '--off=resources'],
    ],
  ])('is called with flags that there are: %j', async (values, args) => {
    expect(await argsWith(values)).toEqual(args);
    const terminal = recordingTerminal();
    const file = await mountedConfiguration(await objectsWith(values));
    const elsewhere = [`--config=${file}`, '--kubeconfig=/nowhere'];
    expect(await runProgram([...args, ...elsewhere], terminal)).toBe(2);
    expect(terminal.stderr.text).toContain('/nowhere');
  });

  test('leaves out the rules that admission has off', async () => {
    const objects = await objectsWith({}, { admission: { rules: { resources: 'off', privileged: 'warn' } } });
    const settings = await readAdmissionConfiguration(await mountedConfiguration(objects));
    expect([...rulesOff(settings)]).toEqual(['resources']);
  });

  test('may only read, but for the reports that are asked for', async () => {
    const rules = async (reports: string): Promise<readonly Rule[]> =>
      only(await objectsWith({ reports }), 'ClusterRole', 'everynode-audit').rules as Rule[];
    const reading = await rules('none');
    expect(new Set(reading.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list']));
    for (const [reports, group, resource] of [
      ['openreports', 'openreports.io', 'reports'],
      ['wgpolicy', 'wgpolicyk8s.io', 'policyreports'],
    ] as const) {
      expect(await rules(reports)).toEqual([
        ...reading,
        { apiGroups: [group], resources: [resource], verbs: ['list', 'create', 'patch', 'delete'] },
      ]);
    }
  });

  test('has names that leave room for those of its Jobs', async () => {
    const objects = await renderObjects({
      values: { audit: { enabled: true }, fullnameOverride: 'x'.repeat(63) },
    });
    expect(only(objects, 'CronJob').metadata.name.length).toBeLessThanOrEqual(52);
  });

  test('is reached by nobody, and reaches the API server only', async () => {
    const objects = await objectsWith({}, { networkPolicy: { enabled: true } });
    expect(only(objects, 'NetworkPolicy', 'everynode-audit')).toMatchObject({
      metadata: { namespace: NAMESPACE },
      spec: {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [],
        egress: [{ ports: [{ port: 443 }, { port: 6443 }] }],
      },
    });
  });

  test('finds the API server where the other pods do', async () => {
    const { jobTemplate } = (
      only(await objectsWith({}, { apiServer: { host: '10.0.0.1' } }), 'CronJob') as CronJob
    ).spec;
    expect(jobTemplate.spec.template.spec.containers[0].env).toEqual([
      { name: 'KUBERNETES_SERVICE_HOST', value: '10.0.0.1' },
      { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
    ]);
  });

  test.each([
    ['a report that is none', { reports: 'sarif' }, "at '/audit/reports': value must be one of"],
    ['a severity that is none', { failOn: 'high' }, "at '/audit/failOn': value must be one of"],
    ['no schedule', { schedule: '' }, "at '/audit/schedule'"],
  ])('is refused with its path: %s', async (_, audit, message) => {
    await expect(render({ values: { audit: { enabled: true, ...audit } } })).rejects.toThrow(message);
  });
});

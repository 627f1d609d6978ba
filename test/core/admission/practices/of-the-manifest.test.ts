import { describe, expect, it } from 'vitest';
import { practices } from '../../../../src/core/admission/practices/index.ts';
import { creationOf, rawDaemonSet } from '../rules/daemonset-change.ts';

const LABELS = { app: 'a' };
const container = (fields: object): object => ({ containers: [{ name: 'main', ...fields }] });
const withSpec = (podSpec: object, more: object = {}): unknown =>
  rawDaemonSet({ selector: { matchLabels: LABELS }, labels: LABELS, podSpec, ...more });
const rolling = (rollingUpdate: object): object => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
});
const terms = (...lists: readonly (readonly object[])[]): object => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: lists.map((matchExpressions) => ({ matchExpressions })),
      },
    },
  },
});
const required = (...matchExpressions: readonly object[]): object => terms(matchExpressions);
const MASTER = 'node-role.kubernetes.io/master';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const hostPath = (mount: object): object => ({
  volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }],
  containers: [{ name: 'main', volumeMounts: [{ name: 'logs', mountPath: '/logs', ...mount }] }],
});
const EVERYTHING = { tolerations: [{ operator: 'Exists' }] };

/** By rule: what breaks it with the end of the path it names, and what does not. */
const cases: Record<
  string,
  { readonly broken: readonly (readonly [unknown, string])[]; readonly sound: readonly unknown[] }
> = {
  'well-formed': {
    broken: [
      [rawDaemonSet({ podSpec: container({ image: 'a' }), labels: { version: 7 } }), 'labels[version]'],
      [
        rawDaemonSet({ podSpec: container({ image: 'a' }), selector: { matchLabels: { on: true } } }),
        'matchLabels[on]',
      ],
      [rawDaemonSet({ podSpec: container({ image: 'a' }), selector: 'x' }), 'spec.selector'],
      [{ metadata: { name: 'a' }, spec: {} }, 'spec.template'],
      [{ spec: null, metadata: { name: 'a' } }, 'spec'],
      [{ metadata: { name: 7 }, spec: { template: { spec: container({ image: 'a' }) } } }, 'metadata.name'],
      [withSpec({ containers: [] }), 'spec.containers'],
      [withSpec(container({})), 'containers[0].image'],
      [withSpec({ ...container({ image: 'a' }), tolerations: [7] }), 'spec.template.spec.tolerations[0]'],
      [withSpec(container({ image: 'a' }), { selector: { matchExpressions: [7] } }), 'matchExpressions[0]'],
    ],
    sound: [withSpec(container({ image: 'a' }))],
  },
  'unknown-field': {
    broken: [
      [withSpec(container({ resource: {} })), 'containers[0].resource'],
      [{ ...(withSpec({ containers: [] }) as object), strategy: {} }, 'strategy'],
      [{ apiVersion: 'apps/v1', spec: { templateGeneration: 1 } }, 'spec.templateGeneration'],
    ],
    sound: [
      withSpec(container({})),
      { apiVersion: 'extensions/v1beta1', spec: { templateGeneration: 1 } },
      { apiVersion: 'apps/v1', metadata: { uid: 'u' }, spec: { ofTomorrow: 1 } },
    ],
  },
  'readiness-probe': {
    broken: [[withSpec(container({})), 'containers[0].readinessProbe']],
    sound: [withSpec(container({ readinessProbe: { exec: {} } })), withSpec({ containers: [] })],
  },
  'ready-at-once': {
    broken: [
      [withSpec({}, rolling({ maxUnavailable: 2 })), 'spec.minReadySeconds'],
      [withSpec({}, rolling({ maxUnavailable: 0, maxSurge: '10%' })), 'spec.minReadySeconds'],
    ],
    sound: [withSpec({}), withSpec({}, { updateStrategy: { type: 'OnDelete' } })],
  },
  'all-at-once': {
    broken: [[withSpec({}, rolling({ maxUnavailable: '100%' })), 'rollingUpdate.maxUnavailable']],
    sound: [withSpec({}, rolling({ maxUnavailable: '99%' })), withSpec({})],
  },
  'tolerates-everything': {
    broken: [
      [withSpec({ ...hostPath({}), ...EVERYTHING }), 'tolerations[0]'],
      [
        withSpec({
          ...hostPath({}),
          tolerations: [
            { key: 'a', operator: 'Exists' },
            { operator: 'Exists', effect: 'NoSchedule' },
            { operator: 'Exists', effect: 'NoExecute' },
          ],
        }),
        'tolerations[1]',
      ],
    ],
    sound: [
      withSpec({ ...hostPath({ readOnly: true }), ...EVERYTHING }),
      withSpec({ ...hostPath({}), ...EVERYTHING, priorityClassName: 'system-node-critical' }),
      withSpec({ ...hostPath({}), tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] }),
      withSpec(EVERYTHING),
    ],
  },
  privileged: {
    broken: [
      [withSpec(container({ securityContext: { privileged: true } })), 'securityContext.privileged'],
      [withSpec({ hostPID: true }), 'spec.template.spec.hostPID'],
      [withSpec({ hostNetwork: true }), 'spec.template.spec.hostNetwork'],
      [
        withSpec({ securityContext: { windowsOptions: { hostProcess: true } } }),
        'spec.template.spec.securityContext.windowsOptions.hostProcess',
      ],
      [
        withSpec({ initContainers: [{ securityContext: { windowsOptions: { hostProcess: true } } }] }),
        'initContainers[0].securityContext.windowsOptions.hostProcess',
      ],
    ],
    sound: [withSpec(container({ securityContext: { privileged: false } })), withSpec({ hostIPC: 'true' })],
  },
  resources: {
    broken: [
      [withSpec(container({})), 'containers[0].resources'],
      [withSpec(container({ resources: { requests: { cpu: 1, memory: 1 } } })), 'containers[0].resources'],
      [
        withSpec({ ...container({}), resources: { requests: { cpu: 1, memory: 1 } } }),
        'containers[0].resources',
      ],
    ],
    sound: [
      withSpec(container({ resources: { limits: { cpu: 1, memory: 1 } } })),
      withSpec(container({ resources: { requests: { cpu: 1 }, limits: { memory: 1 } } })),
      withSpec({ initContainers: [{ name: 'once' }] }),
      withSpec({ ...container({}), resources: { limits: { cpu: 1, memory: 1 } } }),
      withSpec({
        ...container({ resources: { limits: { memory: 1 } } }),
        resources: { requests: { cpu: 1 } },
      }),
    ],
  },
  'image-tag': {
    broken: [
      [withSpec(container({ image: 'fluentd' })), 'containers[0].image'],
      [withSpec(container({ image: 'registry:5000/fluentd' })), 'containers[0].image'],
      [withSpec({ initContainers: [{ image: 'a/b:latest' }] }), 'initContainers[0].image'],
    ],
    sound: [
      withSpec(container({ image: 'fluentd:v1' })),
      withSpec(container({ image: 'fluentd@sha256:0000' })),
      withSpec(container({})),
    ],
  },
  'grace-period': {
    broken: [[withSpec({ terminationGracePeriodSeconds: 601 }), 'terminationGracePeriodSeconds']],
    sound: [withSpec({ terminationGracePeriodSeconds: 600 }), withSpec({})],
  },
  'node-name-expression': {
    broken: [
      [
        withSpec(
          required({ key: 'a', operator: 'Exists' }, { key: 'metadata.name', operator: 'In', values: ['n'] }),
        ),
        'matchExpressions[1].key',
      ],
    ],
    sound: [
      withSpec(required({ key: 'kubernetes.io/hostname', operator: 'Exists' })),
      withSpec({ affinity: 7 }),
    ],
  },
  'deprecated-node-labels': {
    broken: [
      [
        withSpec({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
        'nodeSelector[beta.kubernetes.io/os]',
      ],
      [
        withSpec(required({ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' })),
        'matchExpressions[0].key',
      ],
      [withSpec({ tolerations: [{ key: 'node-role.kubernetes.io/master' }] }), 'tolerations[0].key'],
      [
        withSpec(required({ key: MASTER, operator: 'Exists' }, { key: CONTROL_PLANE, operator: 'Exists' })),
        'matchExpressions[0].key',
      ],
      [
        withSpec(
          terms(
            [{ key: CONTROL_PLANE, operator: 'DoesNotExist' }],
            [{ key: MASTER, operator: 'DoesNotExist' }],
          ),
        ),
        'nodeSelectorTerms[1].matchExpressions[0].key',
      ],
    ],
    sound: [
      withSpec({ nodeSelector: { 'kubernetes.io/os': 'linux' } }),
      withSpec({
        tolerations: [
          { key: 'node-role.kubernetes.io/master' },
          { key: 'node-role.kubernetes.io/control-plane' },
        ],
      }),
      withSpec(terms([{ key: MASTER, operator: 'Exists' }], [{ key: CONTROL_PLANE, operator: 'Exists' }])),
      withSpec(
        required({ key: MASTER, operator: 'DoesNotExist' }, { key: CONTROL_PLANE, operator: 'DoesNotExist' }),
      ),
    ],
  },
  'deprecated-annotations': {
    broken: [
      [
        annotated({ 'scheduler.alpha.kubernetes.io/critical-pod': '' }),
        'annotations[scheduler.alpha.kubernetes.io/critical-pod]',
      ],
      [annotated({ 'container.apparmor.security.beta.kubernetes.io/main': 'x' }), 'beta.kubernetes.io/main]'],
    ],
    sound: [annotated({ 'prometheus.io/scrape': 'true' }), annotated(7)],
  },
  'deprecated-api': {
    broken: [
      [{ ...(withSpec({}) as object), apiVersion: 'extensions/v1beta1' }, 'apiVersion'],
      [
        withSpec(
          {},
          {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration':
                '{"apiVersion":"apps/v1beta2","kind":"DaemonSet"}',
            },
          },
        ),
        'last-applied-configuration]',
      ],
    ],
    sound: [
      withSpec({}),
      withSpec(
        {},
        {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"apps/v1","kind":"DaemonSet"}',
          },
        },
      ),
    ],
  },
};

function annotated(annotations: unknown): unknown {
  return { apiVersion: 'apps/v1', spec: { template: { metadata: { annotations } } } };
}

function check(id: string, object: unknown): readonly string[] {
  const rule = practices.find((each) => each.id === id);
  if (!rule) throw new Error(`there is no rule ${id}`);
  return rule.check(creationOf(object)).map(({ path }) => path);
}

it('says of a node name as an expression what it comes to', () => {
  const rule = practices.find(({ id }) => id === 'node-name-expression');
  const said = (operator: string): unknown =>
    rule?.check(creationOf(withSpec(required({ key: 'metadata.name', operator, values: ['n'] }))))[0]
      ?.message;
  expect(said('In')).toContain('so the requirement matches no node');
  expect(said('NotIn')).toContain('so the requirement excludes no node');
});

it('says that nodes still get a label, and that an annotation is still read', () => {
  const said = (id: string, object: unknown): unknown =>
    practices.find((each) => each.id === id)?.check(creationOf(object))[0]?.message;
  const selecting = (label: string): unknown => withSpec({ nodeSelector: { [label]: '' } });
  expect(said('deprecated-node-labels', selecting('beta.kubernetes.io/os'))).toContain(
    'deprecated since Kubernetes 1.14',
  );
  expect(said('deprecated-node-labels', selecting(MASTER))).toContain('which nodes no longer carry');
  const annotation = (name: string): unknown => annotated({ [name]: '' });
  expect(
    said('deprecated-annotations', annotation('container.apparmor.security.beta.kubernetes.io/a')),
  ).toContain('deprecated since Kubernetes 1.30');
  expect(said('deprecated-annotations', annotation('seccomp.security.alpha.kubernetes.io/pod'))).toContain(
    'no longer reads',
  );
});

describe.each(Object.entries(cases))('%s', (id, { broken, sound }) => {
  it.each(broken.map(([object, path]) => ({ object, path })))('reports $path', ({ object, path }) => {
    expect(check(id, object)).toEqual([expect.stringContaining(path)]);
  });

  it.each(sound.map((object) => ({ object })))('has nothing against what is sound', ({ object }) => {
    expect(check(id, object)).toEqual([]);
  });
});

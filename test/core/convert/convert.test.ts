import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFieldPath } from '../../../src/api/field-path.ts';
import { deprecatedAnnotations } from '../../../src/core/admission/practices/deprecated-annotations.ts';
import { deprecatedApi } from '../../../src/core/admission/practices/deprecated-api.ts';
import { deprecatedNodeLabels } from '../../../src/core/admission/practices/deprecated-node-labels.ts';
import { convertDaemonSet, convertDocument } from '../../../src/core/convert/convert.ts';
import { applyEdit } from '../../../src/core/convert/edit.ts';
import { oldDaemonSet } from '../../builders/old-daemonset.ts';

type Json = Record<string, unknown>;
type Parts = {
  readonly apiVersion?: string;
  readonly metadata?: Json;
  readonly spec?: Json;
  readonly annotations?: Json;
  readonly pod?: Json;
};

function daemonSet({ apiVersion = 'apps/v1', metadata = {}, spec = {}, annotations, pod = {} }: Parts): Json {
  return {
    apiVersion,
    kind: 'DaemonSet',
    metadata: { name: 'agent', ...metadata },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' }, ...(annotations && { annotations }) },
        spec: { containers: [{ name: 'a' }, { name: 'b' }], ...pod },
      },
      ...spec,
    },
  };
}

function converted(object: Json): Json {
  return convertDaemonSet(object).edits.reduce<unknown>(applyEdit, object) as Json;
}

function obstacles(object: Json): readonly string[] {
  return convertDaemonSet(object).obstacles.map(({ path, message }) => `${formatFieldPath(path)} ${message}`);
}

const OLD = 'extensions/v1beta1';
const own = { labels: { own: 'yes' } };

describe('versions', () => {
  const cases: Record<string, readonly [Parts, Parts]> = {
    'extensions/v1beta1: strategy, labels': [
      { apiVersion: OLD },
      { metadata: { labels: { app: 'agent' } }, spec: { updateStrategy: { type: 'OnDelete' } } },
    ],
    'extensions/v1beta1: labels of its own stay': [
      { apiVersion: OLD, metadata: own },
      { metadata: own, spec: { updateStrategy: { type: 'OnDelete' } } },
    ],
    'extensions/v1beta1: a strategy without type was OnDelete too': [
      { apiVersion: OLD, metadata: own, spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } } },
      { metadata: own, spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: { maxUnavailable: 2 } } } },
    ],
    'extensions/v1beta1: a strategy that is given stays': [
      { apiVersion: OLD, metadata: own, spec: { updateStrategy: { type: 'RollingUpdate' } } },
      { metadata: own, spec: { updateStrategy: { type: 'RollingUpdate' } } },
    ],
    'apps/v1beta2: nothing but the version': [{ apiVersion: 'apps/v1beta2' }, {}],
    'a selector from the labels': [{ spec: { selector: undefined } }, {}],
    templateGeneration: [
      { spec: { templateGeneration: 7 } },
      { metadata: { annotations: { 'deprecated.daemonset.template.generation': '7' } } },
    ],
    'templateGeneration over an annotation': [
      {
        spec: { templateGeneration: 7 },
        metadata: { annotations: { a: 'b', 'deprecated.daemonset.template.generation': '3' } },
      },
      { metadata: { annotations: { a: 'b', 'deprecated.daemonset.template.generation': '7' } } },
    ],
    "kubectl's copy": [
      {
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration':
              '{"apiVersion":"extensions/v1beta1","kind":"DaemonSet"}',
          },
        },
      },
      {},
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [before, after]) => {
    expect(converted(daemonSet(before))).toEqual(daemonSet(after));
  });
});

describe('fields of the pod', () => {
  const critical = { 'scheduler.alpha.kubernetes.io/critical-pod': '' };
  const first = (securityContext: Json): Json => ({
    containers: [{ name: 'a', securityContext }, { name: 'b' }],
  });
  const master = 'node-role.kubernetes.io/master';
  const controlPlane = 'node-role.kubernetes.io/control-plane';
  const cases: Record<string, readonly [Parts, Parts]> = {
    serviceAccount: [{ pod: { serviceAccount: 'x' } }, { pod: { serviceAccountName: 'x' } }],
    'serviceAccount beside serviceAccountName': [
      { pod: { serviceAccount: 'x', serviceAccountName: 'y' } },
      { pod: { serviceAccountName: 'y' } },
    ],
    critical: [{ annotations: critical }, { pod: { priorityClassName: 'system-node-critical' } }],
    'critical in kube-system': [
      { metadata: { namespace: 'kube-system' }, annotations: { ...critical, x: 'y' } },
      {
        metadata: { namespace: 'kube-system' },
        annotations: { x: 'y' },
        pod: { priorityClassName: 'system-node-critical' },
      },
    ],
    'critical elsewhere, which nobody heard': [
      { metadata: { namespace: 'monitoring' }, annotations: critical },
      { metadata: { namespace: 'monitoring' } },
    ],
    'critical with another class': [
      { annotations: critical, pod: { priorityClassName: 'mine' } },
      { pod: { priorityClassName: 'mine' } },
    ],
    'tolerations, whose taints are of the past as well': [
      {
        annotations: {
          'scheduler.alpha.kubernetes.io/tolerations': `[{"key":"${master}","effect":"NoSchedule"}]`,
        },
      },
      {
        pod: {
          tolerations: [
            { key: master, effect: 'NoSchedule' },
            { key: controlPlane, effect: 'NoSchedule' },
          ],
        },
      },
    ],
    'tolerations beside the field': [
      { annotations: { 'scheduler.alpha.kubernetes.io/tolerations': 'no JSON' }, pod: { tolerations: [] } },
      { pod: { tolerations: [] } },
    ],
    affinity: [
      { annotations: { 'scheduler.alpha.kubernetes.io/affinity': '{"nodeAffinity":{}}' } },
      { pod: { affinity: { nodeAffinity: {} } } },
    ],
    'init containers': [
      {
        annotations: {
          'pod.alpha.kubernetes.io/init-containers': '[{"name":"i"}]',
          'pod.beta.kubernetes.io/init-containers': '[{"name":"i"}]',
        },
      },
      { pod: { initContainers: [{ name: 'i' }] } },
    ],
    'hostname and subdomain': [
      { annotations: { 'pod.beta.kubernetes.io/hostname': 'h', 'pod.beta.kubernetes.io/subdomain': 's' } },
      { pod: { hostname: 'h', subdomain: 's' } },
    ],
    'seccomp of the pod': [
      {
        annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'docker/default' },
        pod: { securityContext: { runAsUser: 1 } },
      },
      { pod: { securityContext: { runAsUser: 1, seccompProfile: { type: 'RuntimeDefault' } } } },
    ],
    'seccomp of a container': [
      { annotations: { 'container.seccomp.security.alpha.kubernetes.io/a': 'localhost/p/x.json' } },
      { pod: first({ seccompProfile: { type: 'Localhost', localhostProfile: 'p/x.json' } }) },
    ],
    'AppArmor of a container': [
      { annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' } },
      { pod: first({ appArmorProfile: { type: 'Unconfined' } }) },
    ],
    'a profile that is there already': [
      {
        annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
        pod: first({ appArmorProfile: { type: 'Unconfined' } }),
      },
      { pod: first({ appArmorProfile: { type: 'Unconfined' } }) },
    ],
    nodeSelector: [
      {
        pod: {
          nodeSelector: {
            'beta.kubernetes.io/os': 'linux',
            'beta.kubernetes.io/arch': 'x',
            'kubernetes.io/arch': 'x',
          },
        },
      },
      { pod: { nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'x' } } },
    ],
    'a toleration that its successor stands beside': [
      {
        pod: {
          tolerations: [
            { key: controlPlane, operator: 'Exists' },
            { key: master, effect: 'NoSchedule' },
          ],
        },
      },
      {
        pod: {
          tolerations: [
            { key: controlPlane, operator: 'Exists' },
            { key: master, effect: 'NoSchedule' },
          ],
        },
      },
    ],
    'a toleration whose successor stands beside it for another effect': [
      {
        pod: {
          tolerations: [
            { key: controlPlane, effect: 'NoExecute' },
            { key: master, effect: 'NoSchedule' },
          ],
        },
      },
      {
        pod: {
          tolerations: [
            { key: controlPlane, effect: 'NoExecute' },
            { key: master, effect: 'NoSchedule' },
            { key: controlPlane, effect: 'NoSchedule' },
          ],
        },
      },
    ],
    'a toleration of a taint that has another name': [
      { pod: { tolerations: [{ key: 'node.alpha.kubernetes.io/notReady', operator: 'Exists' }] } },
      { pod: { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }] } },
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [before, after]) => {
    expect(converted(daemonSet(before))).toEqual(daemonSet(after));
    expect(obstacles(daemonSet(before))).toEqual([]);
  });

  it('labels of nodes in affinity, and never those of pods', () => {
    const affinity = (label: string): Json => {
      const key = `${label}/zone`;
      const matchExpressions = [{ key, operator: 'Exists' }];
      return {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions } }],
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: key,
              labelSelector: {
                matchExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' }],
              },
            },
          ],
        },
      };
    };
    const before = daemonSet({ pod: { affinity: affinity('failure-domain.beta.kubernetes.io') } });
    expect(converted(before)).toEqual(daemonSet({ pod: { affinity: affinity('topology.kubernetes.io') } }));
  });
});

describe('what is left to a person', () => {
  const T = 'spec.template.metadata.annotations';
  const cases: Record<string, readonly [Json, RegExp]> = {
    'no version': [
      { kind: 'DaemonSet' },
      /^apiVersion is missing; for a DaemonSet write apiVersion: apps\/v1$/,
    ],
    'no metadata': [{ apiVersion: OLD, kind: 'DaemonSet' }, /^metadata is missing: /],
    'no template': [daemonSet({ spec: { template: undefined } }), /^spec\.template is missing: /],
    'a template that is a list': [daemonSet({ spec: { template: [] } }), /^spec\.template is no mapping: /],
    'a number as label': [
      daemonSet({ spec: { template: { metadata: { labels: { version: 1 } }, spec: {} } } }),
      /^spec\.template\.metadata\.labels\.version is the number 1; put it into quotes/,
    ],
    'nothing to make a selector from': [
      daemonSet({ spec: { selector: undefined, template: { spec: {} } } }),
      /^spec\.template\.metadata\.labels is missing, so there is nothing/,
    ],
    'annotations that are no JSON': [
      daemonSet({ annotations: { 'scheduler.alpha.kubernetes.io/affinity': '[]' } }),
      new RegExp(
        `^${RegExp.escape(T)}\\[scheduler.*affinity] is not the JSON of spec\\.template\\.spec\\.affinity`,
      ),
    ],
    'a profile that nobody knows': [
      daemonSet({ annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'x' } }),
      /names no profile that is known/,
    ],
    'a profile for a container that is not there': [
      daemonSet({ annotations: { 'container.apparmor.security.beta.kubernetes.io/z': 'unconfined' } }),
      /is for a container that is not there/,
    ],
    'a profile that contradicts the field': [
      daemonSet({
        annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
        pod: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
      }),
      /says something else than securityContext\.seccompProfile/,
    ],
    'two values of one label': [
      daemonSet({
        pod: { nodeSelector: { 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/os': 'windows' } },
      }),
      /^spec\.template\.spec\.nodeSelector\[beta\.kubernetes\.io\/os] has another value/,
    ],
    'a templateGeneration that is no number': [
      daemonSet({ spec: { templateGeneration: 'x' } }),
      /^spec\.templateGeneration is not a whole number; remove it$/,
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [object, message]) => {
    expect(obstacles(object)).toEqual([expect.stringMatching(message)]);
    expect(convertDaemonSet(object).edits).toEqual([]);
  });
});

describe('documents', () => {
  it('the DaemonSets of a List, and of a DaemonSetList that says the version once', () => {
    const { apiVersion: _, kind: __, ...item } = daemonSet({ apiVersion: OLD, metadata: own });
    const document = {
      kind: 'List',
      items: [{ kind: 'Service' }, { apiVersion: OLD, kind: 'DaemonSetList', items: [item] }],
    };
    const { daemonSets, others } = convertDocument(document);
    expect(others).toBe(1);
    expect(daemonSets.map(({ path }) => path)).toEqual([['items', 1, 'items', 0]]);
    expect(daemonSets[0]?.edits.map(({ path }) => formatFieldPath(path))).toEqual([
      'items[1].items[0].spec.updateStrategy',
    ]);
    const { listEdits } = convertDocument(document.items[1]);
    expect(listEdits).toMatchObject([{ path: ['apiVersion'], value: 'apps/v1' }]);
  });

  it("a DaemonSet of somebody else's group is another kind", () => {
    const object = { ...daemonSet({}), apiVersion: 'apps.kruise.io/v1alpha1' };
    expect(convertDocument(object)).toEqual({ daemonSets: [], listEdits: [], others: 1 });
  });
});

describe('properties', () => {
  it('converting twice is converting once', () => {
    fc.assert(
      fc.property(oldDaemonSet, (object) => {
        const once = converted(object);
        expect(convertDaemonSet(once).edits).toEqual([]);
        expect(convertDaemonSet(once).obstacles).toEqual(convertDaemonSet(object).obstacles);
      }),
    );
  });

  it('what the rules call deprecated is gone, or named', () => {
    fc.assert(
      fc.property(oldDaemonSet, (object) => {
        const once = converted(object);
        const named = convertDaemonSet(once).obstacles.map(({ path }) => formatFieldPath(path));
        const change = { operation: 'CREATE', namespace: '', object: once, oldObject: undefined } as const;
        const left = [deprecatedApi, deprecatedAnnotations, deprecatedNodeLabels].flatMap((rule) =>
          rule.check(change),
        );
        expect(named).toEqual(expect.arrayContaining(left.map(({ path }) => path)));
      }),
    );
  });

  it('edits do not throw, whatever the object is', () => {
    fc.assert(
      fc.property(oldDaemonSet, fc.nat(), fc.jsonValue(), (object, seed, junk) => {
        const broken = structuredClone(object);
        const holders = holdersIn(broken);
        const holder = holders[seed % holders.length]!;
        const keys = Object.keys(holder);
        const key = keys[seed % keys.length];
        if (key !== undefined) (holder as Json)[key] = junk;
        convertDocument(broken)
          .daemonSets.flatMap(({ edits }) => edits)
          .reduce<unknown>(applyEdit, broken);
      }),
      { numRuns: 500 },
    );
  });
});

/** All objects and lists within it, itself included. */
function holdersIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(holdersIn)];
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAdmissionConfiguration } from '../../src/config/admission-configuration.ts';
import { webhookConfigurations } from '../../src/webhook/webhook-entries.ts';
import { CHART, type KubeObject, NAMESPACE, only, render, renderObjects, runHelm } from './chart/template.ts';

const EVERYTHING = {
  certificates: { mode: 'cert-manager' },
  webhook: { workloads: true, hostNetwork: true },
  audit: { enabled: true, reports: 'openreports' },
  dashboard: { enabled: true },
  policies: { enabled: true },
  networkPolicy: { enabled: true },
  metrics: {
    serviceMonitor: { enabled: true, interval: '30s' },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
};

type PodTemplate = {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    automountServiceAccountToken: boolean;
    priorityClassName?: string;
    securityContext: object;
    containers: { args: string[]; securityContext: object; resources: { limits?: object } }[];
  };
};

function podTemplates(objects: readonly KubeObject[]): readonly PodTemplate[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((deployment) => (deployment.spec as { template: PodTemplate }).template);
}

function component({ labels }: PodTemplate['metadata']): string | undefined {
  return labels['app.kubernetes.io/component'];
}

describe('the chart', () => {
  test('passes helm lint --strict', async () => {
    expect(await runHelm(['lint', '--strict', CHART])).toContain('0 chart(s) failed');
  });

  test.each([
    ['as it is', {}],
    ['with everything on', EVERYTHING],
  ])('renders the same bytes twice, %s', async (_, values) => {
    expect(await render({ values })).toBe(await render({ values }));
  });

  test('has nothing in it that makes a rendering differ from the last, or depend on a cluster', async () => {
    const files = await readdir(join(CHART, 'templates'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      expect(text, file.name).not.toMatch(
        /\{\{[^}]*\b(lookup|rand\w*|gen\w*Cert|genCA|genPrivateKey|uuidv4|now)\b/,
      );
      expect(text, file.name).not.toMatch(/\t| +$/m);
    }
  });

  test('is refused by a Kubernetes that is too old, and accepted by what platforms make of newer ones', async () => {
    await expect(render({ flags: ['--kube-version=1.29.9'] })).rejects.toThrow('kubeVersion: >=1.30.0-0');
    await expect(render({ flags: ['--kube-version=1.30.0-gke.100'] })).resolves.toContain('Deployment');
  });

  test('names, labels and places every object in the release', async () => {
    for (const object of await renderObjects({ values: EVERYTHING, release: 'prod', namespace: 'agents' })) {
      const { name, labels } = object.metadata;
      expect(labels, name).toMatchObject({
        'app.kubernetes.io/name': 'everynode',
        'app.kubernetes.io/instance': 'prod',
        'app.kubernetes.io/version': expect.any(String),
        'app.kubernetes.io/component': expect.any(String),
        'app.kubernetes.io/part-of': 'everynode',
        'app.kubernetes.io/managed-by': 'Helm',
        'helm.sh/chart': expect.stringMatching(/^everynode-/),
      });
      expect(name).toMatch(
        object.kind.startsWith('ValidatingAdmissionPolicy') ? /\.everynode\.dev$/ : /^prod-everynode/,
      );
    }
  });

  test('renders no key, no certificate and no caBundle', async () => {
    for (const mode of ['self-signed', 'cert-manager', 'existing-secret']) {
      const values = { certificates: { mode, existingSecret: 'mine' } };
      expect(await render({ values })).not.toMatch(/BEGIN|caBundle:|tls\.key:|tls\.crt:/);
    }
  });
});

describe('the webhook configurations', () => {
  const choices = (['Ignore', 'Fail'] as const).flatMap((failurePolicy) =>
    [false, true].flatMap((workloads) =>
      [NAMESPACE, 'kube-system'].map((namespace) => ({ failurePolicy, workloads, namespace })),
    ),
  );

  test.each(choices)('are those of the webhook itself: %j', async ({ namespace, ...webhook }) => {
    const objects = await renderObjects({ values: { webhook }, namespace });
    const [mutating, validating] = webhookConfigurations({
      name: 'everynode',
      endpoint: { service: { namespace, name: 'everynode-webhook', port: 443 } },
      systemNamespaces: [...new Set(['kube-system', namespace])],
      ...webhook,
    }) as [KubeObject, KubeObject];
    expect(only(objects, 'MutatingWebhookConfiguration').webhooks).toEqual(mutating.webhooks);
    expect(only(objects, 'ValidatingWebhookConfiguration').webhooks).toEqual(validating.webhooks);
    expect(only(objects, 'MutatingWebhookConfiguration').metadata.name).toBe('everynode');
  });

  test('say to cert-manager whose CA they want', async () => {
    const objects = await renderObjects({ values: { certificates: { mode: 'cert-manager' } } });
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      expect(only(objects, kind).metadata.annotations).toEqual({
        'cert-manager.io/inject-ca-from': `${NAMESPACE}/${only(objects, 'Certificate').metadata.name}`,
      });
    }
  });
});

describe('the pods', () => {
  test('keep to the strictest of the Pod Security Standards, and write nothing to their disk', async () => {
    const templates = podTemplates(await renderObjects({ values: { dashboard: { enabled: true } } }));
    expect(templates).toHaveLength(3);
    for (const { spec } of templates) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.containers.map(({ securityContext }) => securityContext)).toEqual([
        {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        },
      ]);
    }
    expect(templates.map(({ metadata, spec }) => [component(metadata), spec.priorityClassName])).toEqual([
      // A page can wait.
      ['dashboard', undefined],
      ['sync', 'system-cluster-critical'],
      ['webhook', 'system-cluster-critical'],
    ]);
  });

  test('are replaced when the admission configuration changes, and only then', async () => {
    const sums = async (values: object): Promise<unknown[]> =>
      podTemplates(await renderObjects({ values: { dashboard: { enabled: true }, ...values } })).map(
        ({ metadata }) => metadata.annotations['checksum/admission'],
      );
    const before = await sums({});
    expect(await sums({ webhook: { replicas: 3 } })).toEqual(before);
    expect(await sums({ admission: { rules: { 'host-port-clash': 'warn' } } })).not.toEqual(before);
  });

  test('get an admission configuration that everynode reads, with its own sync loop among the makers of pods', async () => {
    const admission = {
      rules: { 'host-port-clash': 'warn' },
      daemonPodMakers: ['system:serviceaccount:ops:deployer'],
      extraTolerations: [{ namespaces: ['gpu'], tolerations: [{ key: 'gpu', operator: 'Exists' }] }],
    };
    const objects = await renderObjects({ values: { admission } });
    const { data } = only(objects, 'ConfigMap') as KubeObject & { data: Record<string, string> };
    expect(parseAdmissionConfiguration(data['admission.yaml'] ?? '', 'admission.yaml')).toEqual({
      ...admission,
      blastRadius: {
        removal: { warnPercent: 10, confirmPercent: 50 },
        replacement: { warnPercent: 10, confirmPercent: 100 },
      },
      daemonPodMakers: [...admission.daemonPodMakers, `system:serviceaccount:${NAMESPACE}:everynode-sync`],
    });
  });

  test('are never all taken away by a rollout', async () => {
    for (const { kind, spec } of await renderObjects()) {
      if (kind !== 'Deployment') continue;
      expect(spec).toMatchObject({
        replicas: 2,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      });
    }
  });
});

describe('values that cannot be used', () => {
  test.each([
    ['an unknown mode', { mode: 'owner' }, "at '/mode': value must be one of 'auto', 'own', 'assist'"],
    [
      'a misspelt key',
      { webhook: { failurPolicy: 'Fail' } },
      "additional properties 'failurPolicy' not allowed",
    ],
    [
      'an unknown rule',
      { admission: { rules: { nonsense: 'deny' } } },
      "additional properties 'nonsense' not allowed",
    ],
    [
      'an unknown level',
      { admission: { rules: { 'host-port-clash': 'maybe' } } },
      "must be one of 'deny', 'warn', 'off'",
    ],
    ['a wrong type', { webhook: { replicas: 'two' } }, "at '/webhook/replicas': got string, want integer"],
    [
      'a share above 100 %',
      { admission: { blastRadius: { removal: { warnPercent: 101 } } } },
      "warnPercent': maximum",
    ],
    ['a port that is none', { metrics: { port: 99_999 } }, "at '/metrics/port': maximum"],
    [
      'an extra toleration of nothing',
      { admission: { extraTolerations: [{}] } },
      "missing property 'tolerations'",
    ],
    ['a digest that is none', { image: { digest: 'latest' } }, "at '/image/digest'"],
    [
      'a Secret without a name',
      { certificates: { mode: 'existing-secret' } },
      'certificates.existingSecret: name the Secret',
    ],
  ])('are refused with their path: %s', async (_, values, message) => {
    await expect(render({ values })).rejects.toThrow(message);
  });
});

describe('what is behind switches', () => {
  const KINDS = [
    'NetworkPolicy',
    'ServiceMonitor',
    'PrometheusRule',
    'Certificate',
    'Issuer',
    'ValidatingAdmissionPolicy',
  ];

  test('is not there unless it is asked for', async () => {
    const kinds = (await renderObjects()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => KINDS.includes(kind))).toEqual([]);
  });

  test('the sync loop, with all that is its own', async () => {
    const objects = await renderObjects({ values: { ...EVERYTHING, sync: { enabled: false } } });
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.filter((name) => name.includes('sync'))).toEqual([]);
  });

  test('the dashboard, with all that is its own, a Secret of its certificate among it', async () => {
    const own = async (values: object): Promise<readonly KubeObject[]> =>
      (await renderObjects({ values })).filter(({ metadata }) => metadata.name.includes('dashboard'));
    expect(await own({})).toEqual([]);
    const objects = await own({
      dashboard: { enabled: true, tlsSecret: 'dashboard-cert', service: { type: 'NodePort', port: 8443 } },
      networkPolicy: {
        enabled: true,
        dashboardFrom: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }],
      },
    });
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set([
        'ServiceAccount',
        'ClusterRole',
        'ClusterRoleBinding',
        'Deployment',
        'Service',
        'NetworkPolicy',
      ]),
    );
    expect(only(objects, 'Service').spec).toMatchObject({ type: 'NodePort', ports: [{ port: 8443 }] });
    expect(only(objects, 'Deployment').spec).toMatchObject({
      template: {
        spec: {
          containers: [
            {
              livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
              readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } },
            },
          ],
          volumes: [{ name: 'admission' }, { secret: { secretName: 'dashboard-cert' } }],
        },
      },
    });
    expect(only(objects, 'NetworkPolicy').spec).toMatchObject({
      ingress: [
        { ports: [{ port: 'https' }], from: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }] },
        { ports: [{ port: 'metrics' }] },
      ],
    });
  });

  test('policies have the levels of the rules, and those that are off are not there', async () => {
    const rules = { 'surge-host-port': 'deny', 'placement-unknown': 'off' };
    const objects = await renderObjects({ values: { policies: { enabled: true }, admission: { rules } } });
    const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    const policies = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    expect(policies.length).toBeGreaterThan(2);
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual(
      policies.map(({ metadata }) => metadata.name),
    );
    expect(
      only(objects, 'ValidatingAdmissionPolicyBinding', 'surge-host-port.everynode.dev').spec,
    ).toMatchObject({
      validationActions: ['Deny'],
    });
    expect(policies.map(({ metadata }) => metadata.name)).not.toContain('placement-unknown.everynode.dev');
  });

  test('alerts are critical where DaemonSets are refused without a webhook', async () => {
    const severity = async (failurePolicy: string): Promise<unknown> => {
      const values = { webhook: { failurePolicy }, metrics: { prometheusRule: { enabled: true } } };
      const rule = only(await renderObjects({ values }), 'PrometheusRule') as KubeObject & {
        spec: { groups: { rules: { alert: string; labels: object }[] }[] };
      };
      const alerts = rule.spec.groups.flatMap(({ rules }) => rules);
      expect(JSON.stringify(alerts)).not.toMatch(/NAMESPACE|_SERVICE|CONFIGURATION|SEVERITY/);
      return alerts.find(({ alert }) => alert === 'EverynodeWebhookDown')?.labels;
    };
    expect(await severity('Ignore')).toEqual({ severity: 'warning' });
    expect(await severity('Fail')).toEqual({ severity: 'critical' });
  });
});

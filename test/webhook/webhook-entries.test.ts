import { describe, expect, it } from 'vitest';
import { type EntryOptions, webhookConfigurations } from '../../src/webhook/webhook-entries.ts';

type Webhook = {
  readonly name: string;
  readonly clientConfig: { readonly url?: string; readonly service?: object; readonly caBundle?: string };
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly operations: readonly string[];
  }[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly failurePolicy: string;
  readonly namespaceSelector?: object;
  readonly reinvocationPolicy?: string;
};
type Configuration = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly Webhook[];
};

const OPTIONS: EntryOptions = {
  name: 'everynode',
  endpoint: { url: 'https://127.0.0.1:9443' },
  ca: '-----BEGIN CERTIFICATE-----\n',
  failurePolicy: 'Fail',
  systemNamespaces: ['kube-system', 'ours'],
  workloads: false,
};

function configurations(overrides: Partial<EntryOptions> = {}): readonly Configuration[] {
  return webhookConfigurations({ ...OPTIONS, ...overrides }) as unknown as readonly Configuration[];
}

function all(overrides: Partial<EntryOptions> = {}): readonly Webhook[] {
  return configurations(overrides).flatMap(({ webhooks }) => webhooks);
}

function entry(
  kind: 'Mutating' | 'Validating',
  name: string,
  overrides: Partial<EntryOptions> = {},
): Webhook {
  const configuration = configurations(overrides).find((each) => each.kind.startsWith(kind));
  const found = configuration?.webhooks.find((webhook) => webhook.name === `${name}.everynode.dev`);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

describe('webhookConfigurations', () => {
  it('makes a mutating and a validating one', () => {
    const names = configurations().map(({ kind, metadata, webhooks }) => [
      kind,
      metadata.name,
      webhooks.map(({ name }) => name.replace('.everynode.dev', '')),
    ]);
    expect(names).toEqual([
      ['MutatingWebhookConfiguration', 'everynode', ['daemonsets', 'system-daemonsets', 'pods']],
      [
        'ValidatingWebhookConfiguration',
        'everynode',
        ['daemonsets', 'system-daemonsets', 'pods', 'bare-pods', 'workloads'],
      ],
    ]);
    expect(configurations({ name: 'two' }).map(({ metadata }) => metadata.name)).toEqual(['two', 'two']);
  });

  it('asks about DaemonSets whenever they change, about Pods at CREATE only, and changes no DaemonSet that goes', () => {
    const asked = (kind: 'Mutating' | 'Validating', name: string): unknown =>
      entry(kind, name).rules.map(({ resources, operations }) => [...resources, ...operations].join(' '));
    expect(asked('Mutating', 'daemonsets')).toEqual(['daemonsets CREATE UPDATE']);
    expect(asked('Validating', 'daemonsets')).toEqual(['daemonsets CREATE UPDATE DELETE']);
    expect(asked('Mutating', 'pods')).toEqual(['pods CREATE']);
    expect(asked('Validating', 'pods')).toEqual(['pods CREATE']);
    expect(asked('Validating', 'bare-pods')).toEqual(['pods CREATE']);
  });

  it('lets only DaemonSets fail closed, and never those of the namespaces that a cluster heals from', () => {
    const closed = all().filter(({ failurePolicy }) => failurePolicy === 'Fail');
    expect(new Set(closed.map(({ name }) => name))).toEqual(new Set(['daemonsets.everynode.dev']));
    for (const { namespaceSelector } of closed) {
      expect(namespaceSelector).toEqual({
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'ours'] },
        ],
      });
    }
    expect(entry('Mutating', 'system-daemonsets').namespaceSelector).toEqual({
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['kube-system', 'ours'] },
      ],
    });
    expect(all({ failurePolicy: 'Ignore' }).every(({ failurePolicy }) => failurePolicy === 'Ignore')).toBe(
      true,
    );
  });

  it('has one entry for DaemonSets where no namespace is special', () => {
    const names = all({ systemNamespaces: [] }).map(({ name }) => name);
    expect(names).not.toContain('system-daemonsets.everynode.dev');
    expect(entry('Mutating', 'daemonsets', { systemNamespaces: [] })).not.toHaveProperty('namespaceSelector');
  });

  it('asks about templates of other kinds only when told to', () => {
    // An entry of which a caBundle has another owner cannot be taken away: it stays, and asks about nothing.
    expect(entry('Validating', 'workloads')).not.toHaveProperty('rules');
    const { rules, failurePolicy } = entry('Validating', 'workloads', { workloads: true });
    expect(rules.flatMap(({ resources }) => resources)).toEqual([
      'deployments',
      'replicasets',
      'statefulsets',
      'jobs',
      'replicationcontrollers',
    ]);
    expect(failurePolicy).toBe('Ignore');
  });

  it('declares no side effects, v1 only and a short timeout on every webhook', () => {
    for (const webhook of all({ workloads: true })) {
      expect(webhook).toMatchObject({
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        matchPolicy: 'Equivalent',
        timeoutSeconds: 5,
      });
    }
  });

  it('is asked again about Pods that another webhook changed, and only in the mutating phase', () => {
    const [mutating, validating] = configurations();
    expect(mutating?.webhooks.map(({ reinvocationPolicy }) => reinvocationPolicy)).toEqual([
      'Never',
      'Never',
      'IfNeeded',
    ]);
    for (const webhook of validating?.webhooks ?? [])
      expect(webhook).not.toHaveProperty('reinvocationPolicy');
  });

  it('keeps away, by conditions, what it must never block', () => {
    const conditions = (name: string): readonly string[] =>
      entry('Validating', name, { workloads: true }).matchConditions.map((condition) => condition.name);
    expect(conditions('daemonsets')).toEqual(['not-being-deleted', 'not-cleaned-up']);
    expect(conditions('pods')).toEqual(['controlled-by-a-daemonset', 'not-a-mirror-pod']);
    expect(conditions('bare-pods')).toEqual(['not-controlled', 'labelled', 'not-a-mirror-pod']);
    expect(conditions('workloads')).toEqual(['not-controlled']);
  });

  it('leads to a URL, whether or not it ends in a slash', () => {
    for (const url of ['https://127.0.0.1:9443', 'https://127.0.0.1:9443/']) {
      const paths = configurations({ endpoint: { url } }).map(
        ({ webhooks }) => webhooks[0]?.clientConfig.url,
      );
      expect(paths).toEqual(['https://127.0.0.1:9443/mutate', 'https://127.0.0.1:9443/validate']);
    }
  });

  it('leads to a Service, with the authority to trust as base64 of its PEM, or without one', () => {
    const service = { namespace: 'kube-system', name: 'everynode', port: 443 };
    const { ca: _, ...withoutCa } = OPTIONS;
    expect(entry('Mutating', 'daemonsets', { endpoint: { service } }).clientConfig).toEqual({
      service: { ...service, path: '/mutate' },
      caBundle: Buffer.from(OPTIONS.ca ?? '').toString('base64'),
    });
    const [mutating] = webhookConfigurations(withoutCa) as unknown as readonly Configuration[];
    expect(mutating?.webhooks[0]?.clientConfig).not.toHaveProperty('caBundle');
  });

  it('is the same every time, as GitOps tools expect', () => {
    expect(JSON.stringify(configurations())).toBe(JSON.stringify(configurations()));
  });
});

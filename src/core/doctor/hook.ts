import type { LabelSelector } from '../../api/meta.ts';

export type HookRule = {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
};

export type ServiceReference = { readonly namespace: string; readonly name: string; readonly port?: number };

/** One entry of a webhook configuration, as the API server stores it. */
export type RawHook = {
  readonly name: string;
  readonly failurePolicy?: string;
  readonly rules?: readonly HookRule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly timeoutSeconds?: number;
  readonly clientConfig?: {
    readonly url?: string;
    readonly service?: ServiceReference;
    /** Base64 of PEM. */
    readonly caBundle?: string;
  };
};

export type HookKind = 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';

export type WebhookConfiguration = {
  readonly kind: HookKind;
  readonly metadata: { readonly name: string };
  readonly webhooks?: readonly RawHook[];
};

/** One webhook of a cluster, and where it stands. */
export type Hook = RawHook & {
  readonly kind: HookKind;
  readonly configuration: string;
  /** Its field in the configuration, such as `webhooks[0]`. */
  readonly path: string;
  /** Whether requests are refused while it does not answer. */
  readonly failsClosed: boolean;
  /** `namespace/name` of the Service that it is reached by; absent for a URL. */
  readonly backend?: string;
};

/** Every webhook of these configurations, in their order. */
export function hooksOf(configurations: readonly WebhookConfiguration[]): readonly Hook[] {
  return configurations.flatMap(({ kind, metadata, webhooks = [] }) =>
    webhooks.map((raw, at): Hook => {
      const service = raw.clientConfig?.service;
      return {
        ...raw,
        kind,
        configuration: metadata.name,
        path: `webhooks[${at}]`,
        failsClosed: raw.failurePolicy !== 'Ignore',
        ...(service && { backend: `${service.namespace}/${service.name}` }),
      };
    }),
  );
}

/** Seconds; the API server's default where none is stored. */
export function timeoutOf({ timeoutSeconds = 10 }: RawHook): number {
  return timeoutSeconds;
}

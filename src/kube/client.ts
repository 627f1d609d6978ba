import type { ObjectKey } from '../api/meta.ts';
import type { ResourceKind } from '../api/kinds.ts';
import type { Flow, StreamRequest, Transport } from './transport.ts';

export type ListOptions = {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
};

export type List<T> = {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
};

/** Names an object; extra properties, such as those of its record, are ignored. */
type Key = { readonly name: string; readonly namespace?: string };

export type PatchOptions = {
  readonly type: 'merge' | 'strategic' | 'json' | 'apply';
  readonly subresource?: 'status';
  /** Needed for `apply`. */
  readonly fieldManager?: string;
  readonly force?: boolean;
};

export type DeleteOptions = {
  /** Deletes only the object with this uid; another one of that name is a conflict. */
  readonly uid?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
} & FlowOptions;

export type FlowOptions = { readonly flow?: Flow };

/** The verbs of the API as thin functions over raw JSON. Each throws as `Transport.request` does. */
export type Client = {
  readonly get: <T>(kind: ResourceKind, key: Key, signal?: AbortSignal) => Promise<T>;
  readonly list: <T>(kind: ResourceKind, options?: ListOptions, signal?: AbortSignal) => Promise<List<T>>;
  readonly create: <T>(
    kind: ResourceKind,
    namespace: string,
    body: unknown,
    options?: FlowOptions & CallOptions,
  ) => Promise<T>;
  readonly update: <T>(kind: ResourceKind, key: Key, body: unknown, options?: CallOptions) => Promise<T>;
  readonly patch: <T>(kind: ResourceKind, key: Key, patch: unknown, options: PatchOptions) => Promise<T>;
  readonly delete: (kind: ResourceKind, key: Key, options?: DeleteOptions) => Promise<void>;
  /** Events of a watch, one raw line each. */
  readonly watch: (
    kind: ResourceKind,
    options: Omit<StreamRequest, 'path'> & { readonly namespace?: string },
  ) => AsyncIterable<Buffer>;
};

export type CallOptions = { readonly timeoutMs?: number; readonly signal?: AbortSignal };

const CONTENT_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export function createClient(transport: Transport): Client {
  const call = (request: Parameters<Transport['request']>[0]): Promise<never> =>
    transport.request(request) as Promise<never>;
  return {
    get: (kind, key, signal) => call({ method: 'GET', path: pathOf(kind, key), ...(signal && { signal }) }),
    list: (kind, { namespace = '', ...query } = {}, signal) =>
      call({ method: 'GET', path: collectionOf(kind, namespace), query, ...(signal && { signal }) }),
    create: (kind, namespace, body, options = {}) =>
      call({ method: 'POST', path: collectionOf(kind, namespace), body, ...options }),
    update: (kind, key, body, options = {}) =>
      call({ method: 'PUT', path: pathOf(kind, key), body, ...options }),
    patch: (kind, key, patch, { type, subresource, ...query }) =>
      call({
        method: 'PATCH',
        path: pathOf(kind, key) + (subresource ? `/${subresource}` : ''),
        query,
        body: patch,
        contentType: CONTENT_TYPES[type],
      }),
    delete: (kind, key, { uid, propagationPolicy, ...options } = {}) =>
      call({
        ...options,
        method: 'DELETE',
        path: pathOf(kind, key),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(uid !== undefined && { preconditions: { uid } }),
          ...(propagationPolicy && { propagationPolicy }),
        },
      }),
    watch: (kind, { namespace = '', ...options }) =>
      transport.stream({ ...options, path: collectionOf(kind, namespace) }),
  };
}

/** Path of a kind's collection, in one namespace or, with an empty one, in all. */
export function collectionOf({ apiVersion, plural, namespaced }: ResourceKind, namespace: string): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return namespaced && namespace
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${group}/${plural}`;
}

function pathOf(kind: ResourceKind, { namespace = '', name }: Partial<ObjectKey> & { name: string }): string {
  return `${collectionOf(kind, namespace)}/${encodeURIComponent(name)}`;
}

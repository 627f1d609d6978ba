import { expect, onTestFinished } from 'vitest';
import { PODS } from '../../src/api/kinds.ts';
import { Reflector, type ReflectorOptions, type ReflectorSink } from '../../src/kube/reflector.ts';
import type { Exchange, FakeApiServer } from '../fakes/api-server.ts';
import { passUntil, settle, until } from '../fakes/clock.ts';
import { type Connected, connect } from './harness.ts';

export type RawObject = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

export function object(name: string, resourceVersion: number, uid = `uid-${name}`): RawObject {
  return { metadata: { name, uid, resourceVersion: String(resourceVersion) } };
}

type Event = { readonly type: string; readonly object: object };

export const added = (...args: Parameters<typeof object>): Event => ({
  type: 'ADDED',
  object: object(...args),
});
export const modified = (...args: Parameters<typeof object>): Event => ({
  type: 'MODIFIED',
  object: object(...args),
});
export const deleted = (...args: Parameters<typeof object>): Event => ({
  type: 'DELETED',
  object: object(...args),
});
export const bookmark = (resourceVersion: number, annotations?: object): Event => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(resourceVersion), annotations } },
});
export const listEnd = (resourceVersion: number): Event =>
  bookmark(resourceVersion, { 'k8s.io/initial-events-end': 'true' });
export const failure = (code: number, reason: string): Event => ({
  type: 'ERROR',
  object: { kind: 'Status', code, reason, message: reason },
});

export type Page = { readonly items: readonly RawObject[]; readonly metadata: object };

export function page(items: readonly RawObject[], resourceVersion: number, next?: string): Page {
  return { items, metadata: { resourceVersion: String(resourceVersion), ...(next && { continue: next }) } };
}

/** A reflector at work, and what has come to its sink, one line a call. */
export type Followed = Connected & {
  readonly calls: readonly string[];
  readonly objects: readonly unknown[];
  /** The calls, once there are so many. */
  readonly told: (count: number) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

/** Starts a reflector of Pods, which ends with the test. */
export async function follow(options: Partial<ReflectorOptions> = {}): Promise<Followed> {
  const connected = await connect();
  const calls: string[] = [];
  const objects: unknown[] = [];
  const describe = (raw: unknown): string => {
    objects.push(raw);
    const { name, resourceVersion } = (raw as RawObject).metadata;
    return `${name}@${resourceVersion}`;
  };
  const sink: ReflectorSink = {
    project: (raw) => ({ projected: describe(raw) }),
    replace: (list, resourceVersion) => {
      const names = (list as readonly { projected: string }[]).map(({ projected }) => projected);
      calls.push(`replace ${resourceVersion}: ${names.join(' ')}`.trimEnd());
    },
    upsert: (raw, resourceVersion) => calls.push(`upsert ${resourceVersion}: ${describe(raw)}`),
    remove: (raw, resourceVersion) => calls.push(`remove ${resourceVersion}: ${describe(raw)}`),
    progress: (resourceVersion) => calls.push(`progress ${resourceVersion}`),
  };
  const { client, logger } = connected;
  const reflector = new Reflector({ client, kind: PODS, logger, ...options }, sink);
  const ending = new AbortController();
  const run = reflector.run(ending.signal);
  const stop = (): Promise<void> => {
    ending.abort();
    return run;
  };
  onTestFinished(stop);
  const told = async (count: number): Promise<readonly string[]> => {
    await until(() => calls.length >= count);
    await settle();
    return calls;
  };
  return { ...connected, calls, objects, told, stop };
}

/** A reflector that has its list, at resourceVersion 10, and its open watch. */
export async function followed(
  options: Partial<ReflectorOptions> = {},
): Promise<Followed & { readonly watch: Exchange }> {
  const following = await follow(options);
  const watch = await following.server.next();
  watch.send(listEnd(10));
  expect(await following.told(1)).toEqual(['replace 10:']);
  return { ...following, watch };
}

/** The next request, which comes by itself, or when enough time has passed. */
export function nextInTime(server: FakeApiServer): Promise<Exchange> {
  return passUntil(server.next());
}

import type { DaemonSet, DaemonSetStatus, RollingUpdateDaemonSet } from '../../../src/api/daemonset.ts';
import type { Taint } from '../../../src/api/node.ts';
import type { PodTemplate } from '../../../src/api/pod.ts';
import { type RawPod, isReady } from '../harness.ts';

/** What the observer keeps of a pod. */
export type SeenPod = {
  readonly uid: string;
  readonly name: string;
  readonly daemonSet: string;
  readonly node: string;
  /** What the chaos changes about templates, as one text. */
  readonly template: string;
  readonly ready: boolean;
  readonly phase: string;
  readonly ended: boolean;
  readonly terminating: boolean;
};

export type SeenNode = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
};

export type SeenDaemonSet = {
  readonly name: string;
  readonly generation: number;
  readonly template: string;
  readonly zone: string | undefined;
  readonly toleratesGpu: boolean;
  readonly onDelete: boolean;
  readonly rollingUpdate: RollingUpdateDaemonSet;
  readonly status: DaemonSetStatus;
};

export type Seen<T> = ReadonlyMap<string, T>;

/** All objects of a kind between one change and the next. */
export type Moment<T> = { readonly rv: number; readonly at: number; readonly objects: Seen<T> };

/** All that was seen of a kind, in the order in which the API server did it. */
export class History<T> {
  readonly moments: Moment<T>[] = [{ rv: 0, at: Date.now(), objects: new Map() }];
  /** When changes passed unseen: the server had forgotten them when the watch came back. */
  readonly losses: number[] = [];

  get now(): Seen<T> {
    return this.moments.at(-1)!.objects;
  }

  set(rv: number, key: string, object: T | undefined): void {
    if (JSON.stringify(this.now.get(key)) === JSON.stringify(object)) return;
    const objects = new Map(this.now);
    if (object === undefined) objects.delete(key);
    else objects.set(key, object);
    this.moments.push({ rv, at: Date.now(), objects });
  }

  /** A list after a gap; if it tells anything new, then something was missed. */
  replace(rv: number, objects: Seen<T>): void {
    const isFirst = this.moments.length === 1;
    if (textOf(this.now) === textOf(objects)) return;
    this.moments.push({ rv, at: Date.now(), objects });
    if (!isFirst) this.losses.push(Date.now());
  }

  /** The states that held before `rv` and not longer than `ms` before `at`, newest first. */
  before(rv: number, at: number, ms: number): readonly Seen<T>[] {
    const states: Seen<T>[] = [];
    for (let index = this.moments.length - 1; index >= 0; index--) {
      const moment = this.moments[index]!;
      if (moment.rv >= rv) continue;
      states.push(moment.objects);
      if (moment.at < at - ms) break;
    }
    return states;
  }

  lostWithin(at: number, ms: number): boolean {
    return this.losses.some((loss) => loss > at - ms && loss <= at);
  }
}

function textOf<T>(objects: Seen<T>): string {
  return JSON.stringify([...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

type Raw<T> = T & { readonly metadata: { readonly name: string; readonly resourceVersion: string } };

export type RawNode = Raw<{
  metadata: { labels?: Record<string, string> };
  spec: { taints?: readonly Taint[] };
}>;

export function seenPod(raw: RawPod): SeenPod | undefined {
  const { metadata, spec, status } = raw;
  const daemonSet = metadata.labels?.['app'];
  const node = spec.nodeName ?? pinnedTo(spec.affinity);
  if (daemonSet === undefined || node === undefined) return undefined;
  return {
    uid: metadata.uid,
    name: metadata.name,
    daemonSet,
    node,
    template: templateText(raw as unknown as PodTemplate),
    ready: isReady(raw),
    phase: status.phase,
    ended: status.phase === 'Failed' || status.phase === 'Succeeded',
    terminating: metadata.deletionTimestamp !== undefined,
  };
}

export function seenNode({ metadata, spec }: RawNode): SeenNode {
  return { name: metadata.name, labels: metadata.labels ?? {}, taints: spec.taints ?? [] };
}

export function seenDaemonSet({ metadata, spec, status = {} }: DaemonSet): SeenDaemonSet {
  const pod = spec.template.spec ?? {};
  return {
    name: metadata.name,
    generation: metadata.generation ?? 0,
    template: templateText(spec.template),
    zone: pod.nodeSelector?.['zone'],
    toleratesGpu: pod.tolerations?.some(({ key }) => key === 'gpu') ?? false,
    onDelete: spec.updateStrategy?.type === 'OnDelete',
    rollingUpdate: spec.updateStrategy?.rollingUpdate ?? {},
    status,
  };
}

function templateText({ metadata, spec }: PodTemplate): string {
  const [container] = (spec?.['containers'] ?? []) as { image: string }[];
  const simulated = metadata?.annotations?.['everynode.dev/simulate'] ?? '';
  return `${container?.image} zone=${spec?.nodeSelector?.['zone'] ?? ''} ${simulated}`.trim();
}

type Pinned = {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: {
      nodeSelectorTerms: { matchFields?: { values: string[] }[] }[];
    };
  };
};

function pinnedTo(affinity: unknown): string | undefined {
  const required = (affinity as Pinned | undefined)?.nodeAffinity
    ?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values[0];
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSet } from '../../../src/api/daemonset.ts';
import type { RawPod } from '../harness.ts';
import type { DirectApi } from '../direct-api.ts';
import {
  History,
  type RawNode,
  type SeenDaemonSet,
  seenDaemonSet,
  type SeenNode,
  seenNode,
  type SeenPod,
  seenPod,
} from './history.ts';

export const PODS_PATH = '/api/v1/namespaces/default/pods';
export const NODES_PATH = '/api/v1/nodes';
export const DAEMONSETS_PATH = '/apis/apps/v1/namespaces/default/daemonsets';

type Raw = { metadata: { name: string; resourceVersion: string } };

/** Writes down what becomes of pods, nodes and DaemonSets, from watches of its own. */
export class Observer {
  readonly pods = new History<SeenPod>();
  readonly nodes = new History<SeenNode>();
  readonly daemonSets = new History<SeenDaemonSet>();
  readonly #api: DirectApi;
  readonly #ended = new AbortController();
  #following: Promise<unknown> = Promise.resolve();

  constructor(api: DirectApi) {
    this.#api = api;
  }

  start(): void {
    this.#following = Promise.all([
      this.#follow(PODS_PATH, this.pods, (raw) => seenPod(raw as unknown as RawPod)),
      this.#follow(NODES_PATH, this.nodes, (raw) => seenNode(raw as unknown as RawNode)),
      this.#follow(DAEMONSETS_PATH, this.daemonSets, (raw) => seenDaemonSet(raw as unknown as DaemonSet)),
    ]);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#following;
  }

  async #follow<T>(path: string, history: History<T>, seen: (raw: Raw) => T | undefined): Promise<void> {
    const { signal } = this.#ended;
    let from: string | undefined;
    while (!signal.aborted) {
      try {
        from ??= await this.#list(path, history, seen);
        for await (const line of this.#api.watch(path, from, signal)) {
          const { type, object } = JSON.parse(line) as { type: string; object: Raw };
          if (type === 'ERROR') throw Object.assign(new Error(line), { statusCode: 410 });
          from = object.metadata.resourceVersion;
          const now = type === 'DELETED' ? undefined : seen(object);
          if (type !== 'BOOKMARK') history.set(Number(from), object.metadata.name, now);
        }
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 410) from = undefined;
        await sleep(100);
      }
    }
  }

  async #list<T>(path: string, history: History<T>, seen: (raw: Raw) => T | undefined): Promise<string> {
    const { metadata, items } = await this.#api.list<Raw>(path);
    const objects = items.flatMap((raw) => {
      const object = seen(raw);
      return object === undefined ? [] : [[raw.metadata.name, object] as const];
    });
    history.replace(Number(metadata.resourceVersion), new Map(objects));
    return metadata.resourceVersion;
  }
}

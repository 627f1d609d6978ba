import { setTimeout as sleep } from 'node:timers/promises';
import type { Taint } from '../../../src/api/node.ts';
import { nodeManifest } from '../../../src/localcluster/nodes.ts';
import { daemonSet, type TestCluster } from '../harness.ts';
import type { DirectApi } from '../direct-api.ts';
import { DAEMONSETS_PATH, NODES_PATH, type Observer, PODS_PATH } from './observer.ts';
import type { Random } from './random.ts';
import type { Replicas } from './replicas.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const NODES = { first: 12, min: 9, max: 14 };
const REPAIRED: Template = { image: 1, zone: null, simulate: null };

type Template = { image: number; zone: string | null; simulate: string | null };

const WEIGHTS = {
  deletePod: 14,
  failPod: 7,
  removeNode: 3,
  addNode: 4,
  taint: 6,
  untaint: 7,
  relabel: 6,
  newImage: 9,
  undo: 4,
  confine: 4,
  breakTemplate: 2,
  changeStrategy: 5,
  restartApiServer: 0.7,
  killLeader: 0.3,
};
type Action = keyof typeof WEIGHTS;

/** What is rare, but missing in no run: these steps, whatever the seed says. */
const MUSTS: Readonly<Record<number, Action>> = {
  0: 'newImage',
  8: 'killLeader',
  16: 'restartApiServer',
  24: 'removeNode',
  32: 'newImage',
};

type Parts = {
  readonly cluster: TestCluster;
  readonly api: DirectApi;
  readonly observer: Observer;
  readonly replicas: Replicas;
  readonly random: Random;
};

/** Does to the cluster, past the proxy, what a long bad week does. The same seed does the same in the same order. */
export class Actor {
  /** uids of the pods that it deleted. */
  readonly deleted = new Set<string>();
  /** When the API server came back. */
  readonly outages: number[] = [];
  readonly done: Partial<Record<Action, number>> = {};
  readonly #parts: Parts;
  readonly #nodes: string[] = [];
  readonly #templates = new Map<string, Template[]>();
  readonly #actions: Readonly<Record<Action, () => Promise<unknown>>>;
  #nodesMade = 0;
  #images = 1;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#actions = {
      deletePod: () => this.#deletePod(),
      failPod: () => this.#failPod(),
      removeNode: () => this.#removeNode(),
      addNode: () => this.#addNode(),
      taint: () =>
        this.#setTaints([{ key: 'gpu', effect: this.#pick(['NoSchedule', 'NoExecute'] as const) }]),
      untaint: () => this.#setTaints([]),
      relabel: () => this.#patchNode({ metadata: { labels: { zone: this.#pick(['a', 'a', 'b']) } } }),
      newImage: () => this.#change((template) => ({ ...template, image: ++this.#images })),
      undo: () => this.#undo(),
      confine: () => this.#change((template) => ({ ...template, zone: template.zone ? null : 'a' })),
      breakTemplate: () => this.#breakTemplate(),
      changeStrategy: () => this.#changeStrategy(),
      restartApiServer: () => this.#restartApiServer(),
      killLeader: () => this.#parts.replicas.killLeader(),
    };
  }

  /** The cluster as it is before all begins. */
  async setUp(): Promise<void> {
    for (let count = 0; count < NODES.first; count++) await this.#addNode();
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } };
    const surging = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    const tolerations = [{ key: 'gpu', operator: 'Exists' }];
    await this.#make('rolling', { updateStrategy: rolling }, { tolerations });
    await this.#make('surging', { updateStrategy: surging });
    await this.#make('ondelete', { updateStrategy: { type: 'OnDelete' } });
  }

  /** Acts until the time is over, then leaves templates that work. */
  async run(seconds: number): Promise<void> {
    const { random } = this.#parts;
    const end = Date.now() + seconds * 1000;
    for (let step = 0; Date.now() < end; step++) {
      const action = MUSTS[step] ?? random.weighted(WEIGHTS);
      this.done[action] = (this.done[action] ?? 0) + 1;
      await this.#actions[action]();
      // Some things happen at once, some after a rest in which rollouts come on.
      await sleep(random.chance(0.2) ? random.between(500, 3_000) : random.between(20, 500));
    }
    for (const name of this.#templates.keys()) await this.#change(() => ({ ...REPAIRED, image: 99 }), name);
  }

  async #make(name: string, spec: object, pod: object = {}): Promise<void> {
    this.#templates.set(name, [{ image: 1, zone: null, simulate: null }]);
    await this.#parts.api.call(
      'POST',
      DAEMONSETS_PATH,
      daemonSet(name, { spec, pod: { ...pod, ...podOf(1) } }),
    );
  }

  async #deletePod(): Promise<void> {
    const pod = this.#somePod();
    if (!pod) return;
    this.deleted.add(pod.uid);
    await this.#parts.api.call('DELETE', `${PODS_PATH}/${pod.name}`);
  }

  /** Only a pod that runs: before that, the simulated kubelet would make it run again. */
  async #failPod(): Promise<void> {
    const pod = this.#somePod();
    if (!pod?.ready) return;
    const status = { phase: 'Failed', conditions: [{ type: 'Ready', status: 'False' }] };
    await this.#parts.api.call('PATCH', `${PODS_PATH}/${pod.name}/status`, { status }, STRATEGIC);
  }

  #somePod() {
    const name = this.#someDaemonSet();
    const node = this.#pick(this.#nodes);
    const { now } = this.#parts.observer.pods;
    return [...now.values()].find((pod) => pod.daemonSet === name && pod.node === node && !pod.terminating);
  }

  async #addNode(): Promise<void> {
    if (this.#nodes.length >= NODES.max) return;
    // Sometimes a name comes back that was there before, with the old pods perhaps still bound to it.
    const number = this.#parts.random.chance(0.4) ? this.#unusedNumber() : this.#nodesMade + 1;
    this.#nodesMade = Math.max(this.#nodesMade, number);
    const name = `n${String(number).padStart(2, '0')}`;
    this.#nodes.push(name);
    const labels = { zone: this.#pick(['a', 'a', 'b']) };
    await this.#parts.api.call('POST', NODES_PATH, nodeManifest({ name, labels }, number));
  }

  #unusedNumber(): number {
    const numbers = Array.from({ length: this.#nodesMade + 1 }, (_, index) => index + 1);
    return numbers.find((number) => !this.#nodes.includes(`n${String(number).padStart(2, '0')}`))!;
  }

  async #removeNode(): Promise<void> {
    if (this.#nodes.length <= NODES.min) return;
    const name = this.#pick(this.#nodes);
    this.#nodes.splice(this.#nodes.indexOf(name), 1);
    await this.#parts.api.call('DELETE', `${NODES_PATH}/${name}`);
  }

  /** Only `gpu` is ours; the taint of a new node is left to those who set it. */
  async #setTaints(taints: readonly Taint[]): Promise<void> {
    const name = this.#pick(this.#nodes);
    const { body } = await this.#parts.api.call('GET', `${NODES_PATH}/${name}`);
    const { metadata, spec } = body as { metadata: { resourceVersion: string }; spec: { taints?: Taint[] } };
    const others = (spec.taints ?? []).filter(({ key }) => key !== 'gpu');
    const { resourceVersion } = metadata;
    const patch = { metadata: { resourceVersion }, spec: { taints: [...others, ...taints] } };
    await this.#parts.api.call('PATCH', `${NODES_PATH}/${name}`, patch, MERGE);
  }

  #patchNode(patch: object): Promise<unknown> {
    return this.#parts.api.call('PATCH', `${NODES_PATH}/${this.#pick(this.#nodes)}`, patch, MERGE);
  }

  async #breakTemplate(): Promise<void> {
    const name = this.#someDaemonSet();
    await this.#change((template) => ({ ...template, simulate: 'never-ready' }), name);
    await sleep(this.#parts.random.between(2_000, 6_000));
    await this.#undo(name);
  }

  #change(next: (template: Template) => Template, name = this.#someDaemonSet()): Promise<unknown> {
    const past = this.#templates.get(name)!;
    past.push(next(past.at(-1)!));
    return this.#putTemplate(name);
  }

  async #undo(name = this.#someDaemonSet()): Promise<void> {
    const past = this.#templates.get(name)!;
    if (past.length > 1) past.pop();
    await this.#putTemplate(name);
  }

  #putTemplate(name: string): Promise<unknown> {
    const { image, zone, simulate } = this.#templates.get(name)!.at(-1)!;
    const metadata = { annotations: { 'everynode.dev/simulate': simulate } };
    const template = { metadata, spec: { ...podOf(image), nodeSelector: zone ? { zone } : null } };
    return this.#parts.api.call('PATCH', `${DAEMONSETS_PATH}/${name}`, { spec: { template } }, MERGE);
  }

  #changeStrategy(): Promise<unknown> {
    const [name, choices] = this.#parts.random.chance(0.6)
      ? (['rolling', [1, 2, '20%'].map((maxUnavailable) => ({ maxUnavailable, maxSurge: 0 }))] as const)
      : (['surging', SURGES] as const);
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: this.#pick(choices) };
    return this.#parts.api.call('PATCH', `${DAEMONSETS_PATH}/${name}`, { spec: { updateStrategy } }, MERGE);
  }

  async #restartApiServer(): Promise<void> {
    const { cluster, random } = this.#parts;
    const apiserver = cluster.local.component('kube-apiserver');
    await apiserver.stop(random.pick(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM']));
    await sleep(random.between(100, 2_000));
    await apiserver.start();
    this.outages.push(Date.now());
  }

  #someDaemonSet(): string {
    return this.#pick([...this.#templates.keys()]);
  }

  #pick<T>(choices: readonly T[]): T {
    return this.#parts.random.pick(choices);
  }
}

const SURGES = [
  { maxUnavailable: 0, maxSurge: 1 },
  { maxUnavailable: 0, maxSurge: 2 },
  { maxUnavailable: 1, maxSurge: 0 },
];

/** The containers of a template; merge patches replace them all. */
function podOf(image: number): object {
  return { containers: [{ name: 'agent', image: `registry.k8s.io/pause:3.${image}` }] };
}

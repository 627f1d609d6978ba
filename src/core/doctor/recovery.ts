import { podRequests } from './admission-attributes.ts';
import { anyCoverage, type Coverage, coverage } from './coverage.ts';
import type { Backend, Evidence } from './evidence.ts';
import { type Hook, hooksOf } from './hook.ts';
import type { PodMaker } from './pod-maker.ts';

/** A webhook that, while it does not answer, keeps pods of a maker from coming back. */
export type Blocker = { readonly hook: Hook; readonly coverage: Exclude<Coverage, { answer: 'no' }> };

/** Which backends of webhooks, by `namespace/name`, stay down once all pods of all webhooks are gone. */
export type Recovery = {
  /** For certain. */
  readonly stuck: ReadonlySet<string>;
  /** If every webhook is asked that may be; holds `stuck` as well. */
  readonly mayBeStuck: ReadonlySet<string>;
};

/** The webhooks that fail closed and are asked about pods of this maker. */
export function blockersOf(maker: PodMaker, { configurations, namespaces }: Evidence): readonly Blocker[] {
  // Kubelets run static pods whatever admission says.
  if (maker.isStatic) return [];
  return askedAbout(maker, { configurations, namespaces }).filter(({ hook }) => hook.failsClosed);
}

/** All webhooks that are asked, whatever their failure policy. */
export function askedAbout(
  maker: PodMaker,
  { configurations, namespaces }: Pick<Evidence, 'configurations' | 'namespaces'>,
): readonly Blocker[] {
  const requests = podRequests(maker, namespaces);
  return hooksOf(configurations).flatMap((hook) => {
    const answer = anyCoverage(requests.map((request) => coverage(hook, request)));
    return answer.answer === 'no' ? [] : [{ hook, coverage: answer }];
  });
}

/**
 * Lets the cluster come up from nothing: in each round those backends come back whose pods wait for no webhook
 * that is still down. What is left when nothing moves any more waits for itself, or for what does.
 */
export function recoveryOf(evidence: Evidence): Recovery {
  return { stuck: leftDown(evidence, 'certain'), mayBeStuck: leftDown(evidence, 'possible') };
}

type Reading = 'certain' | 'possible';

function leftDown(evidence: Evidence, reading: Reading): ReadonlySet<string> {
  const down = new Set(evidence.backends.keys());
  const isFree = (maker: PodMaker): boolean =>
    blockersOf(maker, evidence).every(({ hook, coverage: { answer } }) => {
      const counts = answer === 'yes' || reading === 'possible';
      return !counts || hook.backend === undefined || !down.has(hook.backend);
    });
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    const hasNetwork = networkComesUp(evidence.agents, isFree, reading);
    for (const key of down) {
      const backend = evidence.backends.get(key);
      if (backend && !comesBack(backend, (maker) => isFree(maker) && (maker.hostNetwork || hasNetwork)))
        continue;
      down.delete(key);
      isMoving = true;
    }
  }
  return down;
}

/** Some clusters chain plugins, and some have one for each kind of node: then only all of them together tell. */
function networkComesUp(
  agents: readonly PodMaker[],
  isFree: (maker: PodMaker) => boolean,
  reading: Reading,
): boolean {
  const plugins = agents.filter(({ givesPodNetwork }) => givesPodNetwork);
  if (plugins.length === 0) return true;
  return reading === 'certain' ? plugins.some(isFree) : plugins.every(isFree);
}

/** What runs elsewhere, or could not be read, counts as coming back. */
function comesBack(
  { exists, hasSelector, makers }: Backend,
  canStart: (maker: PodMaker) => boolean,
): boolean {
  if (exists === false) return false;
  if (!hasSelector || makers === undefined) return true;
  return makers.some((maker) => maker.isStatic || canStart(maker));
}

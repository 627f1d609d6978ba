import { described } from './check-agents.ts';
import type { Backend, Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { type Hook, hooksOf } from './hook.ts';
import { type PodMaker, refOf } from './pod-maker.ts';
import { type Blocker, blockersOf, type Recovery } from './recovery.ts';

/** Whether webhooks answer now, and whether their pods could come back. */
export function checkBackends(evidence: Evidence, recovery: Recovery): readonly Finding[] {
  return [...evidence.backends].flatMap(([key, backend]) => {
    const hooks = hooksOf(evidence.configurations).filter((hook) => hook.backend === key);
    const [first] = hooks.toSorted((a, b) => Number(b.failsClosed) - Number(a.failsClosed));
    if (!first) return [];
    return [...checkAnswers(key, backend, first), ...checkDeadlock(key, backend, evidence, recovery)];
  });
}

function checkAnswers(key: string, { exists, readyEndpoints }: Backend, hook: Hook): readonly Finding[] {
  const { failsClosed } = hook;
  const effect = failsClosed ? 'every request that it covers is refused now' : 'it has no effect now';
  const found = {
    object: { kind: hook.kind, name: hook.configuration },
    path: `${hook.path}.clientConfig.service`,
  };
  const severity = failsClosed ? 'error' : 'warning';
  if (exists === false) {
    return [
      {
        ...found,
        severity,
        check: 'service-missing',
        explanation: `the webhook ${hook.name} calls the Service ${key}, which does not exist: ${effect}`,
        remedy: `bring the Service back, or delete what is left of it: kubectl delete ${hook.kind.toLowerCase()} ${hook.configuration}`,
      },
    ];
  }
  if (readyEndpoints === 0) {
    return [
      {
        ...found,
        severity,
        check: 'no-endpoints',
        explanation: `no pod behind the Service ${key} is ready to answer the webhook ${hook.name}: ${effect}`,
        remedy: `see why: kubectl get pods -n ${key.split('/')[0]}`,
      },
    ];
  }
  if (readyEndpoints !== 1 || !failsClosed) return [];
  return [
    {
      ...found,
      severity: 'info',
      check: 'single-endpoint',
      explanation: `one pod alone answers the webhook ${hook.name}, which fails closed: while it restarts, requests are refused`,
      remedy: 'run two replicas or more, on different nodes',
    },
  ];
}

function checkDeadlock(
  key: string,
  { exists, makers }: Backend,
  evidence: Evidence,
  { stuck, mayBeStuck }: Recovery,
): readonly Finding[] {
  if (exists === false || !mayBeStuck.has(key)) return [];
  const isCertain = stuck.has(key);
  const [maker] = makers ?? [];
  // Nobody makes its pods: there is nothing that could be blocked.
  if (!maker) return [];
  const blockers = blockersOf(maker, evidence).filter(({ hook, coverage }) => {
    const counts = coverage.answer === 'yes' || !isCertain;
    return counts && hook.backend !== undefined && mayBeStuck.has(hook.backend);
  });
  const [blocker] = blockers;
  return [
    {
      severity: isCertain ? 'error' : 'warning',
      check: 'deadlock',
      object: blocker ? { kind: blocker.hook.kind, name: blocker.hook.configuration } : refOf(maker),
      path: blocker ? `${blocker.hook.path}.namespaceSelector` : 'spec.template.spec.hostNetwork',
      explanation:
        `once all pods of ${nameOfMaker(maker)}, which answer at the Service ${key}, are gone, they ` +
        `${isCertain ? 'cannot' : 'may not'} come back: ${why(key, blockers)}`,
      remedy: remedyFor(maker, blocker),
    },
  ];
}

function why(key: string, blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return 'they need the pod network, whose agents wait for webhooks that are down';
  return blockers
    .map((blocker) => {
      const self = blocker.hook.backend === key ? 'which they themselves answer' : 'which is down as well';
      return `they wait for ${described(blocker)}, ${self}`;
    })
    .join('; ');
}

function remedyFor(maker: PodMaker, blocker: Blocker | undefined): string {
  if (!blocker) {
    return 'exempt the network agents from the webhooks that block them, or run these pods with hostNetwork: true';
  }
  const { kind, configuration } = blocker.hook;
  return (
    `exempt the namespace ${maker.namespace} in ${kind}/${configuration}: namespaceSelector.matchExpressions ` +
    `{key: kubernetes.io/metadata.name, operator: NotIn, values: [${maker.namespace}]}. When it has happened: ` +
    `kubectl delete ${kind.toLowerCase()} ${configuration}`
  );
}

function nameOfMaker({ kind, namespace, name }: PodMaker): string {
  return `${kind} ${namespace}/${name}`;
}

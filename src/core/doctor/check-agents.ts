import type { Evidence } from './evidence.ts';
import { listNames } from '../admission/list-names.ts';
import type { Severity } from '../severity.ts';
import type { Finding } from './finding.ts';
import { type PodMaker, refOf } from './pod-maker.ts';
import { askedAbout, type Blocker, blockersOf, type Recovery } from './recovery.ts';

/** Each is a thing to change. */
const NAMED = 10;
const OTHER_KUBELETS = 'the kubelet runs it all the same, but the API server shows no pod of it';

/**
 * Which node agents could not come back if the pods of the webhooks were gone: after a blackout, or on a new
 * node while the webhook is down.
 */
export function checkAgents(evidence: Evidence, recovery: Recovery): readonly Finding[] {
  return evidence.agents.flatMap((agent) =>
    agent.isStatic ? checkStatic(agent, evidence) : checkAgent(agent, blockersOf(agent, evidence), recovery),
  );
}

function checkAgent(agent: PodMaker, blockers: readonly Blocker[], recovery: Recovery): readonly Finding[] {
  if (blockers.length === 0) return [];
  const certain = blockers.filter(({ coverage }) => coverage.answer === 'yes');
  const isStuck = certain.some(({ hook }) => hook.backend !== undefined && recovery.stuck.has(hook.backend));
  const severity: Severity = isStuck ? 'error' : certain.length > 0 ? 'warning' : 'info';
  const verb = certain.length > 0 ? 'cannot' : 'may not be able to';
  const outlook = isStuck
    ? 'and those do not come back by themselves'
    : mayBeStuck(blockers, recovery)
      ? 'and it may be that those do not come back by themselves'
      : 'but those come back without it';
  const network = agent.givesPodNetwork ? '; no other pod of such a node gets a network without it' : '';
  return [
    {
      severity,
      check: 'agent-blocked',
      object: refOf(agent),
      path: 'spec.template',
      explanation:
        `its pods ${verb} come back while these webhooks do not answer, which fail closed: ` +
        `${listNames(blockers.map(described), NAMED)}, ${outlook}${network}`,
      remedy: exemption(agent, blockers),
    },
  ];
}

function mayBeStuck(blockers: readonly Blocker[], { mayBeStuck: stuck }: Recovery): boolean {
  return blockers.some(({ hook }) => hook.backend !== undefined && stuck.has(hook.backend));
}

function checkStatic(agent: PodMaker, evidence: Evidence): readonly Finding[] {
  const blockers = askedAbout(agent, evidence).filter(({ hook }) => hook.failsClosed);
  if (blockers.length === 0) return [];
  return [
    {
      severity: 'info',
      check: 'static-pod-hidden',
      object: refOf(agent),
      path: 'spec',
      explanation: `while ${listNames(blockers.map(described), NAMED)} do not answer, ${OTHER_KUBELETS}`,
      remedy: exemption(agent, blockers),
    },
  ];
}

/** `name (Kind/configuration, Service namespace/name)`. */
export function described({ hook, coverage }: Blocker): string {
  const where =
    hook.backend === undefined ? (hook.clientConfig?.url ?? 'nowhere') : `Service ${hook.backend}`;
  const perhaps = coverage.answer === 'maybe' ? `, depending on its ${listNames(coverage.because)}` : '';
  return `${hook.name} (${hook.kind}/${hook.configuration}, ${where}${perhaps})`;
}

function exemption({ namespace }: PodMaker, blockers: readonly Blocker[]): string {
  const names = [...new Set(blockers.map(({ hook }) => `${hook.kind}/${hook.configuration}`))];
  return (
    `in ${listNames(names)}: set failurePolicy: Ignore, or exempt the namespace with namespaceSelector.matchExpressions ` +
    `{key: kubernetes.io/metadata.name, operator: NotIn, values: [${namespace}]}`
  );
}

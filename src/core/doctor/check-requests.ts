import { heartbeats } from './admission-attributes.ts';
import { coverage } from './coverage.ts';
import type { Evidence } from './evidence.ts';
import { listNames } from '../admission/list-names.ts';
import type { Finding } from './finding.ts';
import { type Hook, hooksOf, timeoutOf } from './hook.ts';
import { type PodMaker, refOf } from './pod-maker.ts';
import { askedAbout } from './recovery.ts';

/** How long the API server works on a request at most (`--request-timeout`). */
const REQUEST_TIMEOUT_S = 60;
/** How long clients usually wait for an answer. */
const CLIENT_TIMEOUT_S = 30;

/** Webhooks without which nodes cannot show that they live: after 40 s their pods are moved. */
export function checkHeartbeats({ configurations, namespaces }: Evidence): readonly Finding[] {
  return hooksOf(configurations)
    .filter(({ failsClosed }) => failsClosed)
    .flatMap((hook): readonly Finding[] => {
      const covered = heartbeats(namespaces).filter((request) => coverage(hook, request).answer === 'yes');
      if (covered.length === 0) return [];
      const kinds = covered.map(({ kind }) =>
        kind === 'Lease' ? 'Leases of kube-node-lease' : 'the status of Nodes',
      );
      return [
        {
          severity: 'warning',
          check: 'heartbeats-blocked',
          object: { kind: hook.kind, name: hook.configuration },
          path: `${hook.path}.rules`,
          explanation:
            `the webhook ${hook.name} fails closed and is asked about ${kinds.join(' and ')}: while it does not ` +
            'answer, every node of the cluster counts as dead',
          remedy: 'name the resources that it is for in place of "*", or leave these out by a matchCondition',
        },
      ];
    });
}

/** The node agent whose pods wait longest when every webhook that is asked about them hangs. */
export function checkTimeouts(evidence: Evidence): readonly Finding[] {
  const [worst] = evidence.agents
    .filter(({ isStatic }) => !isStatic)
    .map((agent) => ({ agent, ...longestWait(agent, evidence) }))
    .toSorted((a, b) => b.seconds - a.seconds);
  if (!worst || worst.seconds <= CLIENT_TIMEOUT_S) return [];
  const { agent, seconds, hooks } = worst;
  const isFatal = seconds >= REQUEST_TIMEOUT_S;
  return [
    {
      severity: 'warning',
      check: 'timeouts-add-up',
      object: refOf(agent),
      path: 'spec.template',
      explanation:
        `creating one of its pods takes up to ${seconds} s while webhooks hang: ` +
        `${listNames(hooks.map((hook) => `${hook.name} ${timeoutOf(hook)} s`))}. Mutating ones are asked one after the ` +
        `other, whatever their failurePolicy; ` +
        (isFatal
          ? `the API server gives up after ${REQUEST_TIMEOUT_S} s, so no pod is made at all`
          : 'many clients give up sooner'),
      remedy:
        'set timeoutSeconds to 5 or less, and exempt node agents from webhooks that have nothing to do with them',
    },
  ];
}

type Wait = { readonly seconds: number; readonly hooks: readonly Hook[] };

/** Mutating webhooks are called one after the other, validating ones all at once. */
function longestWait(agent: PodMaker, evidence: Evidence): Wait {
  const hooks = askedAbout(agent, evidence)
    .filter(({ coverage }) => coverage.answer === 'yes')
    .map(({ hook }) => hook);
  const mutating = hooks.filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
  const validating = hooks.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  const seconds =
    mutating.reduce((sum, hook) => sum + timeoutOf(hook), 0) + Math.max(0, ...validating.map(timeoutOf));
  return { seconds, hooks };
}

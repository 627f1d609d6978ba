import type { JsonPatchOperation } from '../../api/admission.ts';
import { NODE_ANNOTATION } from '../../api/keys.ts';
import type { Affinity, PodSpec, Toleration } from '../../api/pod.ts';
import { addDaemonTolerations } from '../placement/daemon-tolerations.ts';
import { missingTolerations } from '../placement/extra-tolerations.ts';
import { pinToNode } from '../placement/pin-to-node.ts';
import { isDaemonPod } from './daemon-pod-request.ts';
import { jsonPointer } from './json-pointer.ts';
import { chooseNode, isPinnedTo, POD_NOT_PINNED, requiredNodeAffinity } from './pod-node.ts';
import { readPodSpec, REQUIRED_NODE_AFFINITY } from './read-pod-spec.ts';
import { readString } from './untrusted.ts';
import { ALLOWED, denied, type Verdict } from './verdict.ts';

/**
 * What a Pod lacks to be a daemon Pod: the pin to its node and the daemon tolerations, as `pinToNode` and
 * `addDaemonTolerations` make them for the sync loop, and the extra tolerations. The patch is empty for Pods that no DaemonSet controls,
 * for mirror pods, for what is malformed, and for its own result. Denied when the Pod does not name one node.
 */
export function mutatePod(pod: unknown, extraTolerations: readonly Toleration[] = []): Verdict {
  const spec = isDaemonPod(pod) ? readPodSpec(pod, 'spec') : undefined;
  if (spec === undefined) return ALLOWED;
  const choice = chooseNode(spec, readString(pod, 'metadata', 'annotations', NODE_ANNOTATION));
  if (choice.node === undefined) return denied(choice.rule, choice.problem);
  return {
    allowed: true,
    patch: [...pin(spec, choice.node), ...tolerate(spec, extraTolerations)],
    violations: [],
  };
}

/**
 * Refuses a daemon Pod that is still not bound to one node when it is about to be stored: the mutating webhook
 * was skipped, or another one undid its work.
 */
export function validatePod(pod: unknown): Verdict {
  const spec = isDaemonPod(pod) ? readPodSpec(pod, 'spec') : undefined;
  if (spec === undefined) return ALLOWED;
  const choice = chooseNode(spec, readString(pod, 'metadata', 'annotations', NODE_ANNOTATION));
  if (choice.node === undefined) return denied(choice.rule, choice.problem);
  if (isPinnedTo(requiredNodeAffinity(spec), choice.node)) return ALLOWED;
  return denied(POD_NOT_PINNED, {
    path: ['spec', ...REQUIRED_NODE_AFFINITY].join('.'),
    message:
      `does not bind the Pod to node ${choice.node}, as the mutating webhook of everynode does: it was not asked, ` +
      'or another webhook undid its work. Try again; if it stays so, look at kubectl get ' +
      'mutatingwebhookconfigurations for one that changes the affinity of Pods',
  });
}

/** Adds the smallest subtree that is missing; terms that stand there but do not pin are replaced as a whole. */
function pin(spec: PodSpec, node: string): readonly JsonPatchOperation[] {
  const affinity: Affinity | null | undefined = spec.affinity;
  const required = requiredNodeAffinity(spec);
  if (isPinnedTo(required, node)) return [];
  const pinned = pinToNode(affinity ?? undefined, node);
  if (!affinity) return [{ op: 'add', path: jsonPointer('spec', 'affinity'), value: pinned }];
  if (!affinity.nodeAffinity) {
    return [{ op: 'add', path: jsonPointer('spec', 'affinity', 'nodeAffinity'), value: pinned.nodeAffinity }];
  }
  return [
    {
      op: required ? 'replace' : 'add',
      path: jsonPointer('spec', ...REQUIRED_NODE_AFFINITY),
      value: pinned.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    },
  ];
}

const END_OF_TOLERATIONS = jsonPointer('spec', 'tolerations', '-');

function tolerate(spec: PodSpec, extra: readonly Toleration[]): readonly JsonPatchOperation[] {
  const present = spec.tolerations;
  const daemon = addDaemonTolerations(spec);
  const wanted = [...daemon, ...missingTolerations(daemon, extra)];
  if (!present) return [{ op: 'add', path: jsonPointer('spec', 'tolerations'), value: wanted }];
  return wanted.flatMap((toleration, at): readonly JsonPatchOperation[] => {
    if (toleration === present[at]) return [];
    return at < present.length
      ? [{ op: 'replace', path: jsonPointer('spec', 'tolerations', at), value: toleration }]
      : [{ op: 'add', path: END_OF_TOLERATIONS, value: toleration }];
  });
}

import type { ObjectKey } from '../../api/meta.ts';
import type { ProvidedCluster } from './provide-cluster.ts';

/** Commands to try next, ready to be pasted. */
export function nextSteps(
  { namespace, name }: ObjectKey,
  { kubeconfig, kubectl, isLocal }: ProvidedCluster,
): string {
  const inNamespace = `-n ${namespace}`;
  const setUp = [
    ...(kubeconfig === undefined ? [] : [`export KUBECONFIG=${kubeconfig}`]),
    ...(kubectl === undefined ? [] : [`alias kubectl=${kubectl}`]),
  ];
  const onNodes = [
    'kubectl taint node node-4 dedicated=gpu:NoExecute     # the pod goes, and comes back with dedicated-',
    'kubectl delete node node-5',
  ];
  return [
    'In another terminal, try:',
    ...[
      ...setUp,
      `kubectl get pods ${inNamespace} -o wide --watch`,
      ...(isLocal ? onNodes : []),
      `kubectl delete pod ${inNamespace} --all                 # every node gets its pod again`,
      `kubectl set image ds/${name} ${inNamespace} '*=registry.k8s.io/pause:3.10'`,
      `kubectl rollout status ds/${name} ${inNamespace}`,
      `kubectl rollout undo ds/${name} ${inNamespace}`,
      `kubectl patch ds/${name} ${inNamespace} -p '{"spec":{"selector":{"matchLabels":{"tier":"x"}}}}'   # refused, with the reason`,
    ].map((line) => `  ${line}`),
    '',
    'Ctrl-C ends everything and cleans up.',
    '',
  ].join('\n');
}

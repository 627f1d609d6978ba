import type { ObjectKey } from '../../api/meta.ts';
import type { ProvidedCluster } from './provide-cluster.ts';

/** A command, and what it shows. */
type Step = readonly [command: string, shows?: string];

type Surroundings = Pick<ProvidedCluster, 'kubeconfig' | 'context' | 'kubectl' | 'isLocal'> & {
  /** Link to it. */
  readonly dashboard?: string;
};

/**
 * Commands to try next, ready to be pasted.
 *
 * @param nodes names of the nodes there are, in the order of the table.
 */
export function nextSteps(
  { namespace, name }: ObjectKey,
  nodes: readonly string[],
  { kubeconfig, context, kubectl = 'kubectl', isLocal, dashboard }: Surroundings,
): string {
  const command = context === undefined ? kubectl : `${kubectl} --context=${context}`;
  const daemonSet = `ds/${name} -n ${namespace}`;
  const setUp: readonly Step[] = [
    ...(kubeconfig === undefined ? [] : [[`export KUBECONFIG=${quoted(kubeconfig)}`] as const]),
    ...(command === 'kubectl' ? [] : [[`alias kubectl='${command}'`] as const]),
  ];
  const steps: readonly Step[] = [
    [`kubectl get pods -n ${namespace} -o wide --watch`],
    // Nodes of our own making only: what is tried on them harms nobody.
    ...(isLocal ? onNodes(nodes) : []),
    [`kubectl delete pod -n ${namespace} --all`, 'every node gets its pod again'],
    [`kubectl set image ${daemonSet} '*=registry.k8s.io/pause:3.10'`, 'node by node'],
    [`kubectl rollout status ${daemonSet}`],
    [`kubectl rollout undo ${daemonSet}`],
    [
      `kubectl patch ${daemonSet} -p '{"spec":{"template":{"spec":{"nodeSelector":{"disktype":"ssd"}}}}}'`,
      'pods stay on nodes with that label only',
    ],
    ...(isLocal ? labelling(nodes) : []),
    [
      `kubectl patch ${daemonSet} -p '{"spec":{"selector":{"matchLabels":{"tier":"x"}}}}'`,
      'refused, with the reason',
    ],
  ];
  const lines = [...setUp, ...steps].map(
    ([command, shows]) => `  ${command}${shows === undefined ? '' : `   # ${shows}`}`,
  );
  const watch = dashboard === undefined ? [] : [`Watch it at ${dashboard}`, ''];
  return [
    ...watch,
    'In another terminal, try:',
    ...lines,
    '',
    'Ctrl-C ends everything and cleans up.',
    '',
  ].join('\n');
}

function onNodes(nodes: readonly string[]): readonly Step[] {
  const last = nodes.at(-1);
  if (last === undefined) return [];
  return [
    [`kubectl taint node ${last} dedicated=gpu:NoExecute`, 'its pod goes'],
    [`kubectl taint node ${last} dedicated-`, 'and comes back'],
  ];
}

function labelling([first]: readonly string[]): readonly Step[] {
  return first === undefined ? [] : [[`kubectl label node ${first} disktype=ssd`, 'now there, too']];
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

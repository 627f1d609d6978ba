import type { Severity } from '../severity.ts';

/** What people read about a rule. */
export type RuleEntry = {
  readonly severity: Severity;
  /** A few words that finish "checks that …". */
  readonly title: string;
  /** Why it matters on nodes. */
  readonly rationale: string;
  /** What breaks it, as YAML. */
  readonly example: string;
};

const entry = (severity: Severity, title: string, rationale: string, example: string): RuleEntry => ({
  severity,
  title,
  rationale,
  example,
});

const TEMPLATE = 'spec:\n  template:\n    spec:\n';

/** Every rule that audit and lint apply, by id. */
export const catalogue: Readonly<Record<string, RuleEntry>> = {
  'selector-immutable': entry(
    'warning',
    'nothing that an earlier DaemonSet of the name made is left behind',
    'Pods and revisions that the selector does not match are adopted by nobody: they run on until their node goes.',
    'spec:\n  selector: {matchLabels: {app: new}}   # orphans carry app=old',
  ),
  'selector-empty': entry(
    'error',
    'the selector selects something',
    'An empty selector selects every pod of the namespace; the API server refuses it.',
    'spec:\n  selector: {}',
  ),
  'selector-syntax': entry(
    'error',
    'keys, operators and values of the selector are such that Kubernetes takes them',
    'The API server refuses anything else.',
    'spec:\n  selector:\n    matchExpressions: [{key: app, operator: Is, values: [a]}]',
  ),
  'node-affinity-syntax': entry(
    'error',
    'operators and values of node affinity are such that Kubernetes takes them',
    'The API server refuses anything else.',
    'affinity:\n  nodeAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n      nodeSelectorTerms:\n        - matchExpressions: [{key: disk, operator: Is, values: [ssd]}]',
  ),
  'selector-matches-template': entry(
    'error',
    'the selector matches the labels of the template',
    'A DaemonSet that does not find the pods it makes would make them without end.',
    'spec:\n  selector: {matchLabels: {app: a}}\n  template: {metadata: {labels: {app: b}}}',
  ),
  'selector-overlap': entry(
    'error',
    'nothing else selects the pods of the DaemonSet, nor it theirs',
    'Two controllers that select the same pods count, adopt or delete each other’s.',
    'spec:\n  selector: {matchLabels: {app: log}}   # a second DaemonSet with the same selector',
  ),
  'restart-policy': entry(
    'error',
    'restartPolicy is Always',
    'Pods of a DaemonSet run for as long as their node does; the API server refuses anything else.',
    `${TEMPLATE}      restartPolicy: OnFailure`,
  ),
  'active-deadline': entry(
    'error',
    'the pods have no deadline',
    'A deadline would end pods that are to run as long as their node; the API server refuses it.',
    `${TEMPLATE}      activeDeadlineSeconds: 600`,
  ),
  'ephemeral-containers': entry(
    'error',
    'the template has no ephemeral containers',
    'They are added to running pods for debugging; the API server refuses them in a template.',
    `${TEMPLATE}      ephemeralContainers: [{name: debug}]`,
  ),
  'not-negative': entry(
    'error',
    'minReadySeconds and revisionHistoryLimit are not negative',
    'The API server refuses them.',
    'spec:\n  minReadySeconds: -1',
  ),
  'update-strategy': entry(
    'error',
    'the update strategy can move, and is one that exists',
    'Both limits are numbers or percentages, and exactly one of the two allows a pod.',
    'spec:\n  updateStrategy:\n    rollingUpdate: {maxUnavailable: 0, maxSurge: 0}',
  ),
  'surge-host-port': entry(
    'warning',
    'maxSurge is not used with ports of the node',
    'The new pod waits for the port that the old one holds, and the rollout stands still.',
    'spec:\n  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}   # with a hostPort',
  ),
  'placement-unknown': entry(
    'warning',
    'the annotation everynode.dev/placement has a value that is known',
    'An unknown value counts as none.',
    'metadata:\n  annotations: {everynode.dev/placement: fast}',
  ),
  'host-port-clash': entry(
    'error',
    'no other DaemonSet takes the same port of the same nodes',
    'One of the two pods stays Pending on every node that they share.',
    `${TEMPLATE}      containers: [{ports: [{containerPort: 9100, hostPort: 9100}]}]`,
  ),
  'label-theft': entry(
    'warning',
    'no pod of something else carries labels that a DaemonSet selects',
    'A bare Pod is adopted or deleted; others are counted by whatever selects by these labels.',
    'kind: Pod\nmetadata:\n  labels: {app: log}   # as a DaemonSet selects them',
  ),
  manifest: entry(
    'error',
    'documents are YAML or JSON that holds an object',
    'kubectl could not read it either.',
    'spec: {a: 1\n# a bracket that nobody closes',
  ),
  'well-formed': entry(
    'error',
    'fields have their types, and none is missing that a DaemonSet needs',
    'The API server refuses it before any rule sees it.',
    'spec:\n  template:\n    metadata: {labels: {version: 7}}   # a number',
  ),
  'unknown-field': entry(
    'error',
    'every field is one that Kubernetes has',
    'kubectl and server-side apply refuse it; where validation is off it is dropped, and what it asks for does not happen.',
    'spec:\n  strategy: {type: OnDelete}   # of a Deployment; updateStrategy here',
  ),
  'readiness-probe': entry(
    'warning',
    'a container has a readiness probe',
    'Without one a rollout goes on as soon as the agent starts, working or not: it is blind.',
    `${TEMPLATE}      containers: [{name: agent}]   # no readinessProbe`,
  ),
  'ready-at-once': entry(
    'warning',
    'minReadySeconds is set where several pods are replaced at a time',
    'An agent that crashes after some seconds reaches many nodes before the rollout stops.',
    'spec:\n  minReadySeconds: 0\n  updateStrategy: {rollingUpdate: {maxUnavailable: 10%}}',
  ),
  'all-at-once': entry(
    'warning',
    'a rollout does not take all pods away at once',
    'With 100% every node is without its agent at the same time.',
    'spec:\n  updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}',
  ),
  'tolerates-everything': entry(
    'warning',
    'a pod that writes to the node and tolerates every taint has a priority class',
    'It comes to nodes that are set apart, and is evicted first when the node runs short.',
    `${TEMPLATE}      tolerations: [{operator: Exists}]   # with a writable hostPath`,
  ),
  privileged: entry(
    'warning',
    'what lets a pod out of its box is noted as meant',
    'Privileged containers and shared host namespaces are root on every node.',
    `${TEMPLATE}      hostPID: true`,
  ),
  resources: entry(
    'warning',
    'containers say what they use, and have a memory limit',
    'What an agent takes is taken on every node; a leak without a limit takes nodes down.',
    `${TEMPLATE}      containers: [{name: agent, resources: {}}]`,
  ),
  'image-tag': entry(
    'warning',
    'images name a version',
    'latest is another image on each node, depending on when it was pulled.',
    `${TEMPLATE}      containers: [{image: fluentd:latest}]`,
  ),
  platform: entry(
    'warning',
    'operating system and architecture are chosen where nodes differ in them',
    'An image for one platform does not start on nodes of another.',
    `${TEMPLATE}      nodeSelector: {}   # on a cluster of amd64 and arm64`,
  ),
  'grace-period': entry(
    'info',
    'pods end before those who take nodes away lose patience',
    'The cluster autoscaler waits ten minutes; what takes longer is killed in the middle.',
    `${TEMPLATE}      terminationGracePeriodSeconds: 3600`,
  ),
  'node-name-expression': entry(
    'error',
    'metadata.name stands under matchFields',
    'It is a field of nodes and no label: as an expression it matches no node.',
    `${TEMPLATE}      affinity: …matchExpressions: [{key: metadata.name, operator: In, values: [n1]}]`,
  ),
  'deprecated-node-labels': entry(
    'warning',
    'nodes are chosen by labels and taints of today',
    'A selector on a label that is gone matches no node, and a toleration of a taint that is gone helps nobody; what is deprecated goes next.',
    `${TEMPLATE}      nodeSelector: {beta.kubernetes.io/os: linux}`,
  ),
  'deprecated-annotations': entry(
    'warning',
    'no annotation says what is a field now',
    'Kubernetes no longer reads most of them, so what they ask for does not happen; the others go next.',
    'spec:\n  template:\n    metadata:\n      annotations: {scheduler.alpha.kubernetes.io/critical-pod: ""}',
  ),
  'deprecated-api': entry(
    'warning',
    'the manifest is of apps/v1',
    'Older versions have not been served since Kubernetes 1.16: the file cannot be applied again.',
    'apiVersion: extensions/v1beta1\nkind: DaemonSet',
  ),
  'same-job': entry(
    'warning',
    'no two DaemonSets run the same agent on one node',
    'Logs are read twice, metrics doubled, files fought over.',
    `${TEMPLATE}      containers: [{image: fluent/fluent-bit:2}]   # in two DaemonSets`,
  ),
  'nodes-without-pod': entry(
    'error',
    'every eligible node has its pod',
    'It is what a DaemonSet is there for.',
    'status:\n  desiredNumberScheduled: 12\n  currentNumberScheduled: 11',
  ),
  misscheduled: entry(
    'warning',
    'no pod runs where none should',
    'Pods that stay after their node changed show that no controller is at work.',
    'status:\n  numberMisscheduled: 1',
  ),
  'crash-loop': entry(
    'error',
    'pods come up',
    'Containers that do not start or crash are agents that are missing.',
    'status:\n  numberUnavailable: 3   # CrashLoopBackOff in revision 6b8f9c',
  ),
  'stale-on-delete': entry(
    'warning',
    'pods of an OnDelete DaemonSet are renewed within days',
    'Nothing renews them but their deletion: old ones miss every fix.',
    'spec:\n  updateStrategy: {type: OnDelete}',
  ),
};

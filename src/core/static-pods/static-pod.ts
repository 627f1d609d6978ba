import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { StringMap } from '../../api/meta.ts';
import type { PodSpec } from '../../api/pod.ts';
import { isJsonObject } from '../admission/untrusted.ts';
import { SYSTEM_PRIORITIES } from '../resources/priority.ts';
import { compileEligibility, describeReason } from '../scheduling/eligibility.ts';

/** A Pod for the folder of manifests of a kubelet. */
export type StaticPod = {
  readonly manifest: {
    readonly apiVersion: 'v1';
    readonly kind: 'Pod';
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly labels?: StringMap;
      readonly annotations?: StringMap;
    };
    readonly spec: PodSpec;
  };
  /** What was left out, and why, as sentences. */
  readonly notes: readonly string[];
  /** What of it a kubelet would not run, and the node on which it is not meant to run. */
  readonly problems: readonly string[];
};

type RawVolume = { readonly name?: string; readonly [source: string]: unknown };
type RawEnv = { readonly name?: string; readonly valueFrom?: Readonly<Record<string, unknown>> };
type RawContainer = {
  readonly name?: string;
  readonly env?: readonly RawEnv[];
  readonly envFrom?: readonly unknown[];
};

/** Left to the scheduler, or to controllers, and so without a meaning for a kubelet. */
const SCHEDULING = [
  'nodeName',
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
  'schedulerName',
];
/** Objects of the API, which a static Pod may not refer to. */
const ACCOUNT = ['serviceAccount', 'serviceAccountName', 'imagePullSecrets', 'automountServiceAccountToken'];
const VOLUMES: Readonly<Record<string, string>> = {
  configMap: 'configMap',
  secret: 'secret',
  persistentVolumeClaim: 'persistentVolumeClaim',
  projected: 'projected',
  ephemeral: 'ephemeral',
  csi: 'CSI driver',
  glusterfs: 'Endpoints object',
  azureFile: 'secret',
};
const ENV = ['configMapKeyRef', 'secretKeyRef'];

/**
 * A DaemonSet's pod as a static Pod, which a kubelet runs without an API server.
 *
 * @param node the node that it is for; undefined where nothing is known of it.
 * Source: kubernetes.io "Create static Pods": no reference to other API objects; kubelet `HasAPIObjectReference`.
 */
export function staticPodOf({ metadata, spec }: DaemonSet, node: NodeRecord | undefined): StaticPod {
  const { metadata: template = {}, spec: podSpec = {} } = spec.template;
  const dropped = [...SCHEDULING, ...ACCOUNT].filter((field) => podSpec[field] !== undefined);
  const kept = Object.fromEntries(Object.entries(podSpec).filter(([field]) => !dropped.includes(field)));
  // A kubelet does not look up classes.
  const priority = SYSTEM_PRIORITIES.get(String(podSpec['priorityClassName']));
  return {
    manifest: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: metadata.name,
        namespace: metadata.namespace,
        ...(template.labels && { labels: template.labels }),
        ...(template.annotations && { annotations: template.annotations }),
      },
      spec: { ...kept, ...(priority !== undefined && { priority }) },
    },
    notes: notesOn(dropped),
    problems: [...eligibilityProblem(podSpec, node), ...references(podSpec)],
  };
}

function notesOn(dropped: readonly string[]): readonly string[] {
  const named = (fields: readonly string[]): string =>
    fields.filter((field) => dropped.includes(field)).join(', ');
  const [scheduling, account] = [named(SCHEDULING), named(ACCOUNT)];
  return [
    ...(scheduling ? [`left out, for no scheduler is asked: ${scheduling}`] : []),
    ...(account ? [`left out, for a static Pod has no service account and no pull secrets: ${account}`] : []),
  ];
}

function eligibilityProblem(spec: PodSpec, node: NodeRecord | undefined): readonly string[] {
  const answer = node && compileEligibility(spec)(node);
  if (!node || !answer || answer.shouldRun) return [];
  return [`the DaemonSet has no pod on ${node.name}: ${describeReason(answer.reason)}`];
}

function refused(path: string, what: string): string {
  return `${path}: a static Pod cannot refer to a ${what}; put it on the node and mount it with hostPath, or write the value`;
}

/** What the volume takes from the API; a projection of the Pod's own fields takes nothing. */
function sourcesOf(volume: RawVolume): readonly string[] {
  const { sources = [] } = (volume['projected'] ?? {}) as { readonly sources?: readonly object[] };
  const isOwn = sources.every((source) => 'downwardAPI' in source);
  const kinds = Object.keys(VOLUMES).filter(
    (kind) => volume[kind] !== undefined && !(kind === 'projected' && isOwn),
  );
  const withSecret = Object.values(volume).some(
    (source) => isJsonObject(source) && source['secretRef'] !== undefined,
  );
  return [...kinds.map((kind) => VOLUMES[kind] ?? kind), ...(withSecret ? ['secret'] : [])];
}

function references(spec: PodSpec): readonly string[] {
  const {
    volumes = [],
    containers = [],
    initContainers = [],
    resourceClaims = [],
  } = spec as {
    readonly volumes?: readonly RawVolume[];
    readonly containers?: readonly RawContainer[];
    readonly initContainers?: readonly RawContainer[];
    readonly resourceClaims?: readonly unknown[];
  };
  return [
    ...volumes.flatMap((volume) =>
      sourcesOf(volume).map((kind) => refused(`spec.volumes[${volume.name ?? ''}]`, kind)),
    ),
    ...initContainers.flatMap((container) => ofEnvironment('initContainers', container)),
    ...containers.flatMap((container) => ofEnvironment('containers', container)),
    ...(resourceClaims.length > 0 ? [refused('spec.resourceClaims', 'resource claim')] : []),
  ];
}

function ofEnvironment(list: string, { name = '', env = [], envFrom = [] }: RawContainer): readonly string[] {
  const path = `spec.${list}[${name}]`;
  return [
    ...env.flatMap(({ name: variable = '', valueFrom = {} }) =>
      ENV.filter((kind) => valueFrom[kind] !== undefined).map((kind) =>
        refused(`${path}.env[${variable}]`, kind.replace('KeyRef', '')),
      ),
    ),
    ...(envFrom.length > 0 ? [refused(`${path}.envFrom`, 'configMap or secret')] : []),
  ];
}

import type { DaemonSet } from '../../api/daemonset.ts';
import type { LabelSelector } from '../../api/meta.ts';
import type { WorkloadRecord } from '../../api/workload.ts';
import { readName } from '../admission/read-name.ts';
import { readPodSpec } from '../admission/read-pod-spec.ts';
import {
  isJsonObject,
  MALFORMED,
  type Read,
  readField,
  readSelector,
  readString,
  readStringMap,
} from '../admission/untrusted.ts';
import { REMOVED_VERSIONS, SERVED_VERSION } from '../deprecations/api-versions.ts';

/** Without a version at all it can be nobody else's. */
const DAEMONSET_VERSIONS: readonly string[] = [SERVED_VERSION, ...REMOVED_VERSIONS, ''];
const WORKLOADS: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'Deployment',
  'apps/v1 ReplicaSet': 'ReplicaSet',
  'apps/v1 StatefulSet': 'StatefulSet',
  'batch/v1 Job': 'Job',
  'v1 ReplicationController': 'ReplicationController',
};

/** What an object from a file is to the rules. */
export type FromFile =
  | { readonly is: 'daemonSet'; readonly object: unknown }
  | { readonly is: 'workload'; readonly record: WorkloadRecord }
  | { readonly is: 'other' };

/** Tells what an object is. Namespaces that are left out become `namespace`, as kubectl would have it. */
export function classify(raw: unknown, namespace: string): FromFile {
  const type = `${text(raw, 'apiVersion')} ${text(raw, 'kind')}`;
  const object = inNamespace(withoutNulls(raw), namespace);
  if (DAEMONSET_VERSIONS.some((version) => type === `${version} DaemonSet`)) {
    return { is: 'daemonSet', object: withOldDefaults(object) };
  }
  const kind = WORKLOADS[type];
  const record = kind === undefined ? undefined : readWorkload(kind, object);
  return record ? { is: 'workload', record } : { is: 'other' };
}

/** The DaemonSet when every field that rules read of others has its type; undefined when it is none for them. */
export function asDaemonSet(object: unknown): DaemonSet | undefined {
  const sound =
    readName(object) !== '' &&
    readPodSpec(object, 'spec', 'template', 'spec') !== undefined &&
    readSelector(object, 'spec', 'selector') !== MALFORMED &&
    readStringMap(object, 'spec', 'template', 'metadata', 'labels') !== MALFORMED &&
    readStringMap(object, 'metadata', 'labels') !== MALFORMED &&
    typeof readField(object, 'metadata', 'namespace') === 'string';
  return sound ? (object as DaemonSet) : undefined;
}

/** `extensions/v1beta1` made the selector from the labels of the template. */
function withOldDefaults(object: unknown): unknown {
  if (text(object, 'apiVersion') !== 'extensions/v1beta1' || !isJsonObject(object)) return object;
  const spec = object['spec'];
  const labels = readStringMap(object, 'spec', 'template', 'metadata', 'labels');
  if (!isJsonObject(spec) || spec['selector'] !== undefined || !labels || labels === MALFORMED) return object;
  return { ...object, spec: { ...spec, selector: { matchLabels: labels } } };
}

function inNamespace(object: unknown, namespace: string): unknown {
  const metadata = readField(object, 'metadata');
  if (!isJsonObject(object) || !isJsonObject(metadata) || metadata['namespace'] !== undefined) return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

function readWorkload(kind: string, object: unknown): WorkloadRecord | undefined {
  const podLabels = readStringMap(object, 'spec', 'template', 'metadata', 'labels');
  const selector =
    kind === 'ReplicationController' ? oldSelector(object) : readSelector(object, 'spec', 'selector');
  if (podLabels === MALFORMED || selector === MALFORMED) return undefined;
  return {
    kind,
    name: readName(object),
    namespace: text(object, 'metadata', 'namespace'),
    uid: '',
    resourceVersion: '',
    ...(selector && { selector }),
    podLabels: podLabels ?? {},
  };
}

/** Mappings whose fields are names that people choose: a value that is null there was forgotten. */
const NAMES: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector']);

/** Fields that are null are absent to the API server; what reached it that way, rules never see. */
function withoutNulls(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((entry) => withoutNulls(entry));
  if (!isJsonObject(value) || NAMES.has(field)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      each === null ? [] : [[name, withoutNulls(each, name)]],
    ),
  );
}

/** Of a ReplicationController: labels alone. */
function oldSelector(object: unknown): Read<LabelSelector> {
  const matchLabels = readStringMap(object, 'spec', 'selector');
  return matchLabels === undefined || matchLabels === MALFORMED ? matchLabels : { matchLabels };
}

function text(object: unknown, ...path: readonly string[]): string {
  const value = readString(object, ...path);
  return typeof value === 'string' ? value : '';
}

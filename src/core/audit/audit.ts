import type { DaemonSet } from '../../api/daemonset.ts';
import type { WorkloadRecord } from '../../api/workload.ts';
import type { ClusterView } from '../admission/cluster-view.ts';
import { labelTheft } from '../admission/pod-rules/label-theft.ts';
import { practices } from '../admission/practices/index.ts';
import { readName } from '../admission/read-name.ts';
import type { DaemonSetChange, DaemonSetRule } from '../admission/rule.ts';
import { daemonSetRules } from '../admission/rules/index.ts';
import { readString } from '../admission/untrusted.ts';
import type { Problem } from '../admission/verdict.ts';
import { catalogue } from './catalogue.ts';
import { isProbe } from '../probe.ts';
import type { Severity } from '../severity.ts';
import { type Finding, fingerprint, type Subject } from './finding.ts';
import { acceptedBy, IGNORE_PREFIX } from './suppression.ts';

export type AuditOptions = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Rules that are left out. */
  readonly off?: ReadonlySet<string>;
};

/** Rules that judge a change have nothing to say of what stands. */
const rules: readonly DaemonSetRule[] = [...daemonSetRules, ...practices].filter(
  ({ id, operations = ['CREATE'] }) => operations.includes('CREATE') && id in catalogue,
);

/**
 * Every finding about one DaemonSet, stored or from a file: the rules of admission, as if it were created now, and
 * the practices. Accepted ones are marked, not left out.
 *
 * @param object JSON of any shape.
 */
export function auditDaemonSet(
  object: unknown,
  cluster: ClusterView | undefined,
  { now, off = new Set() }: AuditOptions,
): readonly Finding[] {
  const namespace = readString(object, 'metadata', 'namespace');
  const subject = subjectOf(object, 'DaemonSet', typeof namespace === 'string' ? namespace : 'default');
  const change: DaemonSetChange = {
    operation: 'CREATE',
    namespace: subject.namespace,
    object,
    oldObject: undefined,
    now,
    ...(cluster && { cluster }),
  };
  return rules
    .filter(({ id }) => !off.has(id))
    .flatMap((rule) =>
      rule.check(change).map((problem) => found(rule.id, problem, { subject, object, now })),
    );
}

export type ClusterAuditOptions = AuditOptions & {
  /** uids of the DaemonSets that are judged, among all that are there; otherwise every object is. */
  readonly only?: ReadonlySet<string> | undefined;
};

/** The DaemonSets that are judged. */
export function judgedDaemonSets(
  cluster: ClusterView,
  { only }: Pick<ClusterAuditOptions, 'only'> = {},
): readonly DaemonSet[] {
  return cluster.daemonSets().filter((each) => !isProbe(each) && (!only || only.has(each.metadata.uid)));
}

/** Every finding about a cluster, by object. */
export function* auditCluster(
  cluster: ClusterView,
  options: ClusterAuditOptions,
): Generator<readonly Finding[], void> {
  const daemonSets = judgedDaemonSets(cluster, options);
  const namespaces = new Set(daemonSets.map(({ metadata }) => metadata.namespace));
  for (const daemonSet of daemonSets) yield auditDaemonSet(asStored(daemonSet), cluster, options);
  if (options.only) return;
  for (const namespace of namespaces) {
    yield cluster.workloads(namespace).flatMap((workload) => auditWorkload(workload, cluster, options));
  }
}

/** Items of a list do not say what they are. */
function asStored(daemonSet: DaemonSet): unknown {
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', ...daemonSet };
}

/** What is wrong with an object of another kind: labels of its pods that a DaemonSet selects. */
export function auditWorkload(
  { kind, namespace, name, uid, podLabels }: WorkloadRecord,
  cluster: ClusterView,
  { now, off = new Set() }: AuditOptions,
): readonly Finding[] {
  if (off.has(labelTheft.id)) return [];
  const metadata = { name, namespace, ...(uid !== '' && { uid }) };
  const object = { metadata, spec: { template: { metadata: { labels: podLabels } } } };
  const creation = { kind, namespace, object, username: '', daemonPodMakers: [], cluster };
  const subject = subjectOf(object, kind, namespace);
  return labelTheft.check(creation).map((problem) => found(labelTheft.id, problem, { subject, object, now }));
}

type Context = { readonly subject: Subject; readonly object: unknown; readonly now: number };

function found(
  rule: string,
  { path, message, about, atMost }: Problem,
  { subject, object, now }: Context,
): Finding {
  const accepted = acceptedBy(object, rule, now);
  return {
    rule,
    severity: severityOf(rule, atMost),
    subject,
    path,
    message:
      accepted?.holds === false
        ? `${message}. The annotation ${IGNORE_PREFIX}${rule} ${accepted.why}`
        : message,
    fingerprint: fingerprint(rule, subject, path, about),
    ...(accepted?.holds === true && { suppressed: accepted.suppression }),
  };
}

/** What never denies is never an error. */
function severityOf(rule: string, atMost: Problem['atMost']): Severity {
  const severity = catalogue[rule]?.severity ?? 'warning';
  if (atMost === 'info') return 'info';
  return atMost === 'warn' && severity === 'error' ? 'warning' : severity;
}

function subjectOf(object: unknown, kind: string, namespace: string): Subject {
  const apiVersion = readString(object, 'apiVersion');
  const uid = readString(object, 'metadata', 'uid');
  const prefix = readString(object, 'metadata', 'generateName');
  return {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : (API_VERSIONS[kind] ?? 'apps/v1'),
    kind,
    namespace,
    name: readName(object) || (typeof prefix === 'string' ? prefix : ''),
    ...(typeof uid === 'string' && { uid }),
  };
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Job: 'batch/v1',
  ReplicationController: 'v1',
  Pod: 'v1',
};

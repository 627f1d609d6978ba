import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../../api/kinds.ts';
import type { ObjectMeta } from '../../api/meta.ts';
import type { PodTemplate } from '../../api/pod.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import { type DaemonPod, podOrigin, type PodOrigin } from '../../core/explain/pod-origin.ts';
import { templateOf } from '../../core/history/revision-data.ts';
import { targetNodeName } from '../../core/placement/pin-to-node.ts';
import { nodeRecord } from '../../core/records/records.ts';
import { alignColumns, type Paint, painter } from '../columns.ts';
import { namespaceOf } from '../daemonsets.ts';
import type { DaemonSetFlags } from '../daemonset-options.ts';
import type { Examination, ExaminedCluster } from '../examine-cluster.ts';
import { UsageError } from '../exit-codes.ts';
import { formatData, notReadLines } from '../output.ts';

type RawPod = DaemonPod & { readonly metadata: ObjectMeta };
type RawRevision = { readonly metadata: ObjectMeta; readonly data?: unknown };

/** The shape of `explain pod/NAME -o json` and `-o yaml`. */
type ExplainedPod = PodOrigin & {
  /** `namespace/name`, and so for the DaemonSet. */
  readonly pod: string;
  readonly daemonSet: string;
  /** False where the pod's own revision is gone, and the DaemonSet's template of now is held against the pod. */
  readonly revisionKnown: boolean;
  readonly notRead: readonly NotRead[];
};

/**
 * Why a daemon Pod is on its node, and what of it its template does not say.
 *
 * @throws UsageError when there is no such Pod, or no DaemonSet controls it.
 */
export async function explainOnePod(
  name: string,
  flags: DaemonSetFlags,
  cluster: ExaminedCluster,
): Promise<Examination> {
  const { reader } = cluster;
  const paint = painter(cluster.colours);
  const found = await readDaemonPod(name, flags, cluster);
  if (!found) return { text: `${notReadLines(reader.notRead, paint).join('\n')}\n`, found: false };
  const { pod, daemonSet } = found;
  const template = await templateOfPod(pod, daemonSet, cluster);
  const node = await nodeOf(pod, cluster);
  const answer: ExplainedPod = {
    pod: `${pod.metadata.namespace}/${name}`,
    daemonSet: `${pod.metadata.namespace}/${daemonSet.metadata.name}`,
    revisionKnown: template !== undefined,
    ...podOrigin(pod, daemonSet, template ?? daemonSet.spec.template, node),
    notRead: reader.notRead,
  };
  const text =
    flags.output === 'json' || flags.output === 'yaml'
      ? await formatData(answer, flags.output)
      : formatPod(answer, flags.output === 'wide', paint);
  return { text, found: false };
}

/** Undefined where the Pod or its DaemonSet may not be read. */
async function readDaemonPod(
  name: string,
  flags: DaemonSetFlags,
  cluster: ExaminedCluster,
): Promise<{ readonly pod: RawPod; readonly daemonSet: DaemonSet } | undefined> {
  const { reader } = cluster;
  const namespace = namespaceOf(flags, cluster);
  const refuse = (why: string): never => {
    throw new UsageError(`pod/${name}: ${why}`);
  };
  if (namespace === undefined) return refuse('a name does not go with --all-namespaces; give --namespace');
  const pod = await reader.get<RawPod>(PODS, { namespace, name });
  if (pod === null) return refuse(`there is no such Pod in the namespace ${namespace}; check --namespace`);
  if (!pod) return undefined;
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== 'DaemonSet') {
    const controller = owner ? `${owner.kind} ${owner.name} controls it` : 'nothing controls it';
    return refuse(`${controller}, and only Pods of DaemonSets are explained`);
  }
  const daemonSet = await reader.get<DaemonSet>(DAEMONSETS, { namespace, name: owner.name });
  if (daemonSet === null) return refuse(`its DaemonSet ${owner.name} is gone`);
  return daemonSet && { pod, daemonSet };
}

async function templateOfPod(
  { metadata }: RawPod,
  daemonSet: DaemonSet,
  { reader }: ExaminedCluster,
): Promise<PodTemplate | undefined> {
  const hash = metadata.labels?.[CONTROLLER_REVISION_HASH_LABEL];
  if (hash === undefined) return undefined;
  const revisions = await reader.list(
    CONTROLLER_REVISIONS,
    { namespace: daemonSet.metadata.namespace, labelSelector: `${CONTROLLER_REVISION_HASH_LABEL}=${hash}` },
    (raw: RawRevision) => raw,
  );
  const own = revisions?.find(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.some(({ uid }) => uid === daemonSet.metadata.uid),
  );
  return own && templateOf(own.data);
}

async function nodeOf(
  pod: RawPod,
  { reader }: ExaminedCluster,
): Promise<ReturnType<typeof nodeRecord> | undefined> {
  const name = targetNodeName(pod.spec);
  const raw = name === undefined ? undefined : await reader.get(NODES, { namespace: '', name });
  return raw ? nodeRecord(raw) : undefined;
}

const SHOWN = 70;

function formatPod(answer: ExplainedPod, isWide: boolean, paint: Paint): string {
  const { pod, daemonSet, because, injected, revisionKnown, notRead } = answer;
  const rows = injected.map(({ path, before, after, by }) => [path, valueOf(before, after, isWide), by]);
  return `${[
    `${paint('bold', `Pod ${pod}`)} of DaemonSet ${daemonSet}`,
    ...because.map((sentence) => `  ${sentence}`),
    '',
    ...(revisionKnown ? [] : ['Its own revision is gone: compared with the template of now.']),
    ...(injected.length === 0
      ? ['Its spec is that of its template.']
      : [
          'What its template does not say:',
          '',
          ...alignColumns([['FIELD', 'VALUE', 'PUT THERE BY'], ...rows]),
        ]),
    ...notReadLines(notRead, paint),
  ].join('\n')}\n`;
}

function valueOf(before: unknown, after: unknown, isWide: boolean): string {
  const text = after === undefined ? `removed: ${JSON.stringify(before)}` : JSON.stringify(after);
  return isWide || text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}

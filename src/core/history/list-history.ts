import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { ObjectMeta } from '../../api/meta.ts';
import type { PodRecord, PodTemplate } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import { claim } from '../ownership/claim.ts';
import { revisionRecord } from '../records/records.ts';
import { constructHistory, hashOf } from './construct-history.ts';
import { templateOf } from './revision-data.ts';

/** An entry of metadata.managedFields, as far as it is read here. */
type ManagedFields = {
  readonly manager?: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
};
export type Managed = {
  readonly metadata: ObjectMeta & { readonly managedFields?: readonly ManagedFields[] };
};
export type RawRevision = Managed & { readonly data?: unknown };

/** One revision as a person wants to know it. */
export type HistoryEntry = {
  readonly revision: number;
  /** Of the ControllerRevision. */
  readonly name: string;
  readonly current: boolean;
  /** When it was made, and when it got its number, which a roll back to it renews. Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly numberedAt: number;
  /** Who changed the template then, as far as the DaemonSet's managedFields still tell. */
  readonly changedBy?: string;
  /** Who wrote the revision: the controller of that time. */
  readonly writtenBy?: string;
  /** The annotation `kubernetes.io/change-cause` of that time. */
  readonly changeCause?: string;
  /** How many pods carry it; absent where they are not known. */
  readonly pods?: number;
  readonly template: PodTemplate | undefined;
};

const CHANGE_CAUSE = 'kubernetes.io/change-cause';
/** A revision follows the change that it holds; clocks of API servers differ a little. */
const SKEW_MS = 5000;

/** The revisions of a DaemonSet, oldest first. */
export function listHistory(
  daemonSet: DaemonSet & Managed,
  raw: readonly RawRevision[],
  pods: readonly PodRecord[] | undefined,
): readonly HistoryEntry[] {
  const rawOf = new Map(raw.map((each) => [each.metadata.name, each]));
  const { claimed } = claim(daemonSet, raw.map(revisionRecord));
  const ours = claim(daemonSet, pods ?? []).claimed;
  const { hash } = constructHistory(daemonSet, claimed, ours);
  const sorted = claimed.toSorted((a, b) => a.revision - b.revision);
  return sorted.map((record, index): HistoryEntry => {
    const source = rawOf.get(record.name);
    const { creationTimestamp = '', managedFields, annotations } = source?.metadata ?? {};
    const changedBy = templateWriter(daemonSet, ...changeTimes(sorted, index));
    const writtenBy = managedFields?.find(({ manager }) => manager !== undefined)?.manager;
    const changeCause = annotations?.[CHANGE_CAUSE];
    return {
      revision: record.revision,
      name: record.name,
      current: hashOf(record) === hash,
      createdAt: Date.parse(creationTimestamp),
      numberedAt: record.numberedAt,
      ...(changedBy !== undefined && { changedBy }),
      ...(writtenBy !== undefined && { writtenBy }),
      ...(changeCause !== undefined && { changeCause }),
      ...(pods && { pods: ours.filter(carries(hashOf(record))).length }),
      template: templateOf(source?.data),
    };
  });
}

function carries(hash: string | undefined): (pod: PodRecord) => boolean {
  return ({ labels }) => labels[CONTROLLER_REVISION_HASH_LABEL] === hash;
}

/** After when, and until when, the change was made that a revision holds. */
function changeTimes(sorted: readonly RevisionRecord[], index: number): readonly [number, number] {
  const [before, at] = [sorted[index - 1]?.numberedAt ?? 0, sorted[index]?.numberedAt ?? 0];
  return [
    // Times are whole seconds: a change in the second of the one before may be either.
    before === at ? before - 1 : before,
    // A later change is the next revision's, if there is one.
    index === sorted.length - 1 ? at + SKEW_MS : at,
  ];
}

/** Who wrote the template last in that time. Each manager has one entry, with its latest write. */
function templateWriter({ metadata }: Managed, after: number, until: number): string | undefined {
  return (metadata.managedFields ?? [])
    .filter(({ subresource, fieldsV1, time = '' }) => {
      const at = Date.parse(time);
      const writesTemplate = JSON.stringify(fieldsV1 ?? {}).includes('"f:template"');
      return !subresource && writesTemplate && at > after && at <= until;
    })
    .toSorted((a, b) => Date.parse(b.time ?? '') - Date.parse(a.time ?? ''))[0]?.manager;
}

import type { Readable } from 'node:stream';
import { listedCluster } from '../../core/admission/listed-cluster.ts';
import { auditDaemonSet, auditWorkload } from '../../core/audit/audit.ts';
import { type Finding, fingerprint } from '../../core/audit/finding.ts';
import { asDaemonSet, classify, type FromFile } from '../../core/audit/from-files.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import type { Fault } from '../../manifests/fault.ts';
import { type ManifestObject, objectsOf, readManifests } from '../../manifests/read-manifests.ts';
import { readSources } from '../../manifests/sources.ts';

/** What files hold, judged. */
export type Judged = {
  readonly findings: readonly Finding[];
  readonly daemonSets: number;
  /** Objects of kinds that no rule looks at. */
  readonly passedOver: number;
  readonly notRead: readonly NotRead[];
};

export type JudgeOptions = {
  readonly stdin: Readable;
  readonly recursive: boolean;
  /** Of objects that name none. */
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly off: ReadonlySet<string>;
};

type Placed = {
  readonly source: string;
  readonly from: FromFile;
  readonly positionOf: ManifestObject['positionOf'];
};

/** A document that is no manifest at all breaks this one. */
const READABLE = 'manifest';

/** Reads what is named and judges every DaemonSet in it, all files together being the cluster. */
export async function judgeSources(names: readonly string[], options: JudgeOptions): Promise<Judged> {
  const placed: Placed[] = [];
  const faults: Finding[] = [];
  const notRead: NotRead[] = [];
  for await (const source of readSources(names, options)) {
    if ('unreadable' in source) notRead.push({ what: source.name, why: source.unreadable });
    else if ('fault' in source) faults.push(ofFault(source.name, 0, source.fault));
    else {
      for (const manifest of readManifests(source.text, source.name)) {
        faults.push(...manifest.faults.map((fault) => ofFault(source.name, manifest.index, fault)));
        if (manifest.faults.length > 0) continue;
        for (const { object, positionOf } of objectsOf(manifest)) {
          placed.push({ source: source.name, from: classify(object, options.namespace), positionOf });
        }
      }
    }
  }
  const judged = judge(placed, options);
  return { ...judged, findings: [...faults, ...judged.findings], notRead };
}

function judge(placed: readonly Placed[], { now, off }: JudgeOptions): Omit<Judged, 'notRead'> {
  const cluster = listedCluster({
    daemonSets: placed.flatMap(({ from }) =>
      from.is === 'daemonSet' ? (asDaemonSet(from.object) ?? []) : [],
    ),
    workloads: placed.flatMap(({ from }) => (from.is === 'workload' ? [from.record] : [])),
  });
  const options = { now, off };
  const findings = placed.flatMap(({ source, from, positionOf }) => {
    if (from.is === 'other') return [];
    const found =
      from.is === 'daemonSet'
        ? auditDaemonSet(from.object, cluster, options)
        : auditWorkload(from.record, cluster, options);
    return found.map((finding) => withLocation(finding, source, positionOf));
  });
  return {
    findings,
    daemonSets: placed.filter(({ from }) => from.is === 'daemonSet').length,
    passedOver: placed.filter(({ from }) => from.is === 'other').length,
  };
}

function withLocation(finding: Finding, file: string, positionOf: ManifestObject['positionOf']): Finding {
  const position = positionOf(finding.path);
  return position ? { ...finding, location: { file, ...position } } : finding;
}

function ofFault(file: string, index: number, { line, column, message }: Fault): Finding {
  const subject = { apiVersion: '', kind: 'Manifest', namespace: '', name: `${file}#${index + 1}` };
  return {
    rule: READABLE,
    severity: 'error',
    subject,
    path: '',
    message,
    fingerprint: fingerprint(READABLE, subject, ''),
    location: { file, line, column },
  };
}

import type { ResourceKind } from '../../api/kinds.ts';
import { canonicalJson } from '../../core/history/canonical-json.ts';
import type { AuditReport } from '../../core/audit/report.ts';
import type { Client } from '../../kube/client.ts';
import { ApiError, hasCause, isNotFound } from '../../kube/errors.ts';
import { failuresOf } from '../../kube/in-parallel.ts';
import { policyReports, type ReportApi } from '../../report/policy-report.ts';
import { UsageError } from '../exit-codes.ts';
import type { Choice } from './read-cluster.ts';
import { Refusals, type Report, type Verb } from './refusals.ts';

const FIELD_MANAGER = 'everynode-audit';
const MANAGED = 'app.kubernetes.io/managed-by=everynode';
const KINDS: Readonly<Record<ReportApi, ResourceKind>> = {
  openreports: {
    apiVersion: 'openreports.io/v1alpha1',
    kind: 'Report',
    plural: 'reports',
    namespaced: true,
  },
  wgpolicy: {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: 'PolicyReport',
    plural: 'policyreports',
    namespaced: true,
  },
};

type Target = {
  readonly api: 'auto' | ReportApi;
  /** Milliseconds since the epoch. */
  readonly now: number;
} & Choice;
type Stored = Report & { readonly results?: readonly { readonly timestamp?: unknown }[] };

/** Statuses of a server in trouble, which the next report would get too; 401 is for credentials that it does not know. */
const HOPELESS: ReadonlySet<number> = new Set([401, 429, 503, 504]);

/** Told how many of the reports that there are to write or take away are done. */
type OnProgress = (done: number, all: number) => void;

/** So many are on their way at once. */
const AT_ONCE = 8;

/**
 * Has the cluster hold one report for each object with findings, and none for others. A report whose results are
 * the same is left as it is. What the API server refuses of one report holds up no other.
 *
 * @returns what it refused, as part of a sentence; undefined when nothing.
 * @throws UsageError when the wanted kind is not installed; what the client throws, when no report can be written.
 */
export async function writeReports(
  client: Client,
  report: AuditReport,
  { api, now, namespace, selector }: Target,
  onProgress: OnProgress = () => undefined,
): Promise<string | undefined> {
  const { chosen, stored } = await installed(client, api, namespace);
  const kind = KINDS[chosen];
  const known = new Map(stored.map((each) => [keyOf(each), each]));
  const wanted = policyReports(report, chosen, now) as readonly Stored[];
  const changed = wanted.filter((each) => !saysTheSame(each, known.get(keyOf(each))));
  const kept = new Set(wanted.map(keyOf));
  // Nothing is said of what was not looked at.
  const isPart = report.notRead.length > 0 || selector !== undefined;
  const stale = isPart ? [] : stored.filter((each) => !kept.has(keyOf(each)));
  const writing = { client, kind, refusals: new Refusals() };
  let done = 0;
  const tell = (): void => {
    done += 1;
    onProgress(done, changed.length + stale.length);
  };
  await forEachReport(changed, async (each) => {
    await apply(each, known.has(keyOf(each)) ? ['patch'] : ['patch', 'create'], writing);
    tell();
  });
  await forEachReport(stale, async (each) => {
    await remove(each, writing);
    tell();
  });
  return writing.refusals.sentence();
}

type Writing = { readonly client: Client; readonly kind: ResourceKind; readonly refusals: Refusals };

/** @param verbs that it takes. */
async function apply(
  report: Stored,
  verbs: readonly Verb[],
  { client, kind, refusals }: Writing,
): Promise<void> {
  if (refusals.foresees(report, verbs)) return;
  const options = { type: 'apply', fieldManager: FIELD_MANAGER, force: true } as const;
  await client.patch(kind, report.metadata, report, options).catch((error: unknown) => {
    if (!isNamespaceGoing(error)) refusals.add(report, ofOneReport(error));
  });
}

async function remove(report: Stored, { client, kind, refusals }: Writing): Promise<void> {
  if (refusals.foresees(report, ['delete'])) return;
  await client.delete(kind, report.metadata).catch((error: unknown) => {
    // The garbage collector may have been quicker.
    if (!isNotFound(error)) refusals.add(report, ofOneReport(error));
  });
}

/**
 * The first one by itself: what it is refused, the others mostly are as well.
 *
 * @throws what the task throws; no others are begun then.
 */
async function forEachReport(
  reports: readonly Stored[],
  task: (report: Stored) => Promise<void>,
): Promise<void> {
  const [first, ...others] = reports;
  if (!first) return;
  await task(first);
  let isHopeless = false;
  const failures = await failuresOf(
    others,
    async (one) => {
      if (isHopeless) return;
      await task(one).catch((error: unknown) => {
        isHopeless = true;
        throw error;
      });
    },
    AT_ONCE,
  );
  if (failures.length > 0) throw failures[0];
}

/** Whether the namespace is being deleted, or is gone: its reports go with it. */
function isNamespaceGoing(error: unknown): boolean {
  if (hasCause(error, 'NamespaceTerminating')) return true;
  return error instanceof ApiError && error.status === 404 && error.message.startsWith('namespaces "');
}

/** The error as a refusal of one report. Thrown is what would become of all others too, such as an API that is gone. */
function ofOneReport(error: unknown): ApiError {
  if (!(error instanceof ApiError) || HOPELESS.has(error.status) || isNotFound(error)) throw error;
  return error;
}

function keyOf({ metadata: { namespace, name } }: Report): string {
  return `${namespace}/${name}`;
}

async function installed(
  client: Client,
  api: 'auto' | ReportApi,
  namespace: string | undefined,
): Promise<{ readonly chosen: ReportApi; readonly stored: readonly Stored[] }> {
  const where = { labelSelector: MANAGED, ...(namespace !== undefined && { namespace }) };
  const candidates: readonly ReportApi[] = api === 'auto' ? ['openreports', 'wgpolicy'] : [api];
  for (const chosen of candidates) {
    try {
      const { items } = await client.list<Stored>(KINDS[chosen], where);
      return { chosen, stored: items };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const kinds = candidates.map((each) => `${KINDS[each].kind} of ${KINDS[each].apiVersion}`).join(' or ');
  throw new UsageError(`--write: the cluster does not know ${kinds}; install its CustomResourceDefinitions`);
}

function saysTheSame(report: Stored, old: Stored | undefined): boolean {
  return old !== undefined && withoutTimes(old) === withoutTimes(report);
}

/** In one order of fields: the API server returns them in its own. */
function withoutTimes({ results = [] }: Stored): string {
  return canonicalJson(results.map((result) => ({ ...result, timestamp: undefined })));
}

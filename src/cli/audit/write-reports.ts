import type { ResourceKind } from '../../api/kinds.ts';
import { canonicalJson } from '../../core/history/canonical-json.ts';
import type { AuditReport } from '../../core/audit/report.ts';
import type { Client } from '../../kube/client.ts';
import { ApiError, hasCause, isNotFound } from '../../kube/errors.ts';
import { policyReports, type ReportApi } from '../../report/policy-report.ts';
import { UsageError } from '../exit-codes.ts';
import type { Choice } from './read-cluster.ts';
import { Refusals, type Report } from './refusals.ts';

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
): Promise<string | undefined> {
  const { chosen, stored } = await installed(client, api, namespace);
  const kind = KINDS[chosen];
  const wanted = policyReports(report, chosen, now) as readonly Stored[];
  const known = new Map(stored.map((each) => [keyOf(each), each]));
  const refusals = new Refusals();
  for (const each of wanted) {
    const old = known.get(keyOf(each));
    known.delete(keyOf(each));
    if (old && withoutTimes(old) === withoutTimes(each)) continue;
    if (refusals.foresees(each, old ? ['patch'] : ['patch', 'create'])) continue;
    const applied = client.patch(kind, each.metadata, each, {
      type: 'apply',
      fieldManager: FIELD_MANAGER,
      force: true,
    });
    await applied.catch((error: unknown) => {
      if (!isNamespaceGoing(error)) refusals.add(each, ofOneReport(error));
    });
  }
  // Nothing is said of what was not looked at.
  if (report.notRead.length > 0 || selector !== undefined) return refusals.sentence();
  for (const each of known.values()) {
    if (refusals.foresees(each, ['delete'])) continue;
    await client.delete(kind, each.metadata).catch((error: unknown) => {
      // The garbage collector may have been quicker.
      if (!isNotFound(error)) refusals.add(each, ofOneReport(error));
    });
  }
  return refusals.sentence();
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

/** In one order of fields: the API server returns them in its own. */
function withoutTimes({ results = [] }: Stored): string {
  return canonicalJson(results.map((result) => ({ ...result, timestamp: undefined })));
}

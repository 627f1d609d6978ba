import type { ResourceKind } from '../../api/kinds.ts';
import { canonicalJson } from '../../core/history/canonical-json.ts';
import type { AuditReport } from '../../core/audit/report.ts';
import type { Client } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import { policyReports, type ReportApi } from '../../report/policy-report.ts';
import { UsageError } from '../exit-codes.ts';
import type { Choice } from './read-cluster.ts';

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

type Named = { readonly metadata: { readonly name: string; readonly namespace: string } };
type Target = {
  readonly api: 'auto' | ReportApi;
  /** Milliseconds since the epoch. */
  readonly now: number;
} & Choice;
type Stored = Named & { readonly results?: readonly { readonly timestamp?: unknown }[] };

/**
 * Has the cluster hold one report for each object with findings, and none for others. A report whose results are
 * the same is left as it is.
 *
 * @throws UsageError when the wanted kind is not installed.
 */
export async function writeReports(
  client: Client,
  report: AuditReport,
  { api, now, namespace, selector }: Target,
): Promise<void> {
  const { chosen, stored } = await installed(client, api, namespace);
  const kind = KINDS[chosen];
  const wanted = policyReports(report, chosen, now) as readonly Stored[];
  const known = new Map(stored.map((each) => [keyOf(each), each]));
  for (const each of wanted) {
    const old = known.get(keyOf(each));
    known.delete(keyOf(each));
    if (old && withoutTimes(old) === withoutTimes(each)) continue;
    await client.patch(kind, each.metadata, each, {
      type: 'apply',
      fieldManager: FIELD_MANAGER,
      force: true,
    });
  }
  // Nothing is said of what was not looked at.
  if (report.notRead.length > 0 || selector !== undefined) return;
  for (const { metadata } of known.values()) await client.delete(kind, metadata);
}

function keyOf({ metadata: { namespace, name } }: Named): string {
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

import type { DaemonSet } from '../../api/daemonset.ts';
import { TEMPLATE_GENERATION_ANNOTATION } from '../../api/keys.ts';
import { DAEMONSETS } from '../../api/kinds.ts';
import { LAST_APPLIED_ANNOTATION } from '../../core/deprecations/api-versions.ts';
import { applyPatch } from '../../core/forecast/apply-patch.ts';
import { jsonDifferences } from '../../core/json-difference.ts';
import { ApiError } from '../../kube/errors.ts';
import { collectionOf } from '../../kube/client.ts';
import type { Transport } from '../../kube/transport.ts';

/** The DaemonSet as it would be stored, or why it would not be. */
export type Proposed =
  | { readonly daemonSet: DaemonSet /** Why it is only a guess. */; readonly guess?: string }
  | { readonly refused: string };

/**
 * Asks the API server what would become of the manifest if kubectl applied it, with all defaults and admission.
 * Nothing is stored. Without the right to ask, the manifest itself is taken.
 */
export async function dryRun(
  manifest: DaemonSet,
  existing: DaemonSet | undefined,
  transport: Transport,
): Promise<Proposed> {
  const { namespace, name } = manifest.metadata;
  const collection = collectionOf(DAEMONSETS, namespace);
  // As kubectl asks: an unknown field is a refusal.
  const query = { dryRun: 'All', fieldValidation: 'Strict' };
  try {
    const daemonSet = existing
      ? await transport.request({
          method: 'PATCH',
          path: `${collection}/${encodeURIComponent(name)}`,
          query,
          body: applyPatch(lastAppliedOf(existing), manifest),
          contentType: 'application/strategic-merge-patch+json',
        })
      : await transport.request({ method: 'POST', path: collection, query, body: manifest });
    return { daemonSet: daemonSet as DaemonSet };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401) throw error;
    // A webhook that must answer and does not: an apply would be refused as well, until it does.
    if (error.status >= 500 && !error.message.includes('failed calling webhook')) throw error;
    const mayNot = /cannot (?:create|patch) resource/.test(error.message);
    const noNamespace = error.status === 404;
    if (!mayNot && !noNamespace) return { refused: error.message };
    return {
      daemonSet: guessed(manifest, existing),
      guess: `no dry run, so defaults and admission are left out: ${error.message}`,
    };
  }
}

/** What is said of a manifest that nobody has completed. */
export function guessed({ metadata, spec }: DaemonSet, existing?: DaemonSet): DaemonSet {
  if (existing) {
    const isSame = jsonDifferences(spec.template, existing.spec.template).every(
      ({ before }) => before === undefined,
    );
    // The generation would tell that nothing has changed.
    const { [TEMPLATE_GENERATION_ANNOTATION]: _, ...annotations } = existing.metadata.annotations ?? {};
    return {
      ...existing,
      metadata: isSame ? existing.metadata : { ...existing.metadata, annotations },
      spec: { ...spec, ...(isSame && { template: existing.spec.template }) },
    };
  }
  return {
    metadata: {
      ...metadata,
      uid: '',
      resourceVersion: '',
      creationTimestamp: new Date().toISOString(),
      generation: 1,
    },
    spec,
  };
}

function lastAppliedOf({ metadata }: DaemonSet): unknown {
  try {
    return JSON.parse(metadata.annotations?.[LAST_APPLIED_ANNOTATION] ?? 'null');
  } catch {
    return undefined;
  }
}

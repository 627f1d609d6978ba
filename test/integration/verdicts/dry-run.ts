import type { Dispatcher } from 'undici';
import { loadCluster } from '../../../src/kube/cluster.ts';
import type { TestCluster } from '../harness.ts';
import type { Case } from './corpus.ts';

/** What becomes of a request, by the ids of rules, sorted. */
export type Outcome = {
  readonly denied: readonly string[];
  readonly warned: readonly string[];
  /** Why it was refused where no rule of ours says so. */
  readonly otherwise?: string;
};

type Cause = { readonly field?: string; readonly message?: string };
type Status = { readonly message?: string; readonly details?: { readonly causes?: readonly Cause[] } };

const PATHS = {
  DaemonSet: '/apis/apps/v1/namespaces/default/daemonsets',
  Pod: '/api/v1/namespaces/default/pods',
};
const METHODS = { CREATE: 'POST', UPDATE: 'PUT', DELETE: 'DELETE' } as const;
/** Where they are in the body, those of the query do not count. */
const DELETE_OPTIONS = { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] };
const SIDE_BY_SIDE = 16;
/** A message of ours, whoever passes it on: `[rule] path: …`. */
const OURS = /\[([a-z]+(?:-[a-z]+)*)\] (?:spec|metadata|options)\b/g;

/** The API server's own words for what our rules find: they come before any policy is evaluated. */
const OWN_WORDS: readonly (readonly [rule: string, field: RegExp, message: RegExp])[] = [
  ['selector-immutable', /^spec\.selector$/, /immutable/],
  ['selector-empty', /^spec\.selector$/, /empty selector is invalid/],
  ['selector-matches-template', /^spec\.template\.metadata\.labels$/, /does not match template/],
  ['restart-policy', /^spec\.template\.spec\.restartPolicy$/, /supported values/],
  ['active-deadline', /^spec\.template\.spec\.activeDeadlineSeconds$/, /./],
  ['update-strategy', /^spec\.updateStrategy\b/, /./],
  ['selector-syntax', /^spec\.selector\.match/, /./],
  ['ephemeral-containers', /^spec\.template\.spec\.ephemeralContainers$/, /./],
  ['node-affinity-syntax', /nodeSelectorTerms\[\d+\]\.matchExpressions\[\d+\]\.(?:operator|values)$/, /./],
  ['not-negative', /^spec\.(?:minReadySeconds|revisionHistoryLimit)$/, /./],
];

/** Sends every case as a dry run, in the order given, a few at a time. */
export async function dryRunAll(cluster: TestCluster, cases: readonly Case[]): Promise<readonly Outcome[]> {
  const server = await loadCluster({ kubeconfig: cluster.local.kubeconfigPath, env: {} });
  const headers = { ...(await server.headers()), 'content-type': 'application/json' };
  const dispatcher = server.connect(SIDE_BY_SIDE);
  const outcomes: Outcome[] = [];
  const queue = [...cases.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [at, each] = next;
      outcomes[at] = await dryRun(dispatcher, { origin: server.server, headers }, each);
    }
  };
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    return outcomes;
  } finally {
    await dispatcher.close();
  }
}

async function dryRun(
  dispatcher: Dispatcher,
  target: { readonly origin: string; readonly headers: Record<string, string> },
  { kind, operation, object, options }: Case,
): Promise<Outcome> {
  const name = operation === 'CREATE' ? '' : `/${object.metadata.name}`;
  const { statusCode, headers, body } = await dispatcher.request({
    ...target,
    method: METHODS[operation],
    path: `${PATHS[kind]}${name}?dryRun=All`,
    body: JSON.stringify(operation === 'DELETE' ? { ...DELETE_OPTIONS, ...options } : object),
  });
  const status = (await body.json()) as Status;
  const warned = rulesIn([headers['warning'] ?? []].flat().join(' '));
  if (statusCode < 300) return { denied: [], warned };
  const denied = sorted([
    ...rulesIn(status.message ?? ''),
    ...(status.details?.causes ?? []).flatMap((cause) => ruleInOwnWords(cause)),
  ]);
  return denied.length > 0
    ? { denied, warned }
    : { denied, warned, otherwise: status.message ?? `${statusCode}` };
}

function ruleInOwnWords({ field = '', message = '' }: Cause): readonly string[] {
  return OWN_WORDS.filter(([, path, words]) => path.test(field) && words.test(message)).map(([rule]) => rule);
}

function rulesIn(text: string): readonly string[] {
  return sorted([...text.matchAll(OURS)].map(([, rule = '']) => rule));
}

export function sorted(rules: readonly string[]): readonly string[] {
  return [...new Set(rules)].toSorted();
}

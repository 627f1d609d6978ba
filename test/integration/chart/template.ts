import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { locatePrograms } from '../../../src/localcluster/binaries.ts';
import { formatProgress } from '../../../src/localcluster/progress.ts';
import { HELM } from '../../../src/localcluster/versions.ts';

export const CHART = 'charts/everynode';
export const NAMESPACE = 'everynode-system';
export const RELEASE = 'everynode';

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
};

export type RenderOptions = {
  readonly values?: object;
  readonly namespace?: string;
  readonly release?: string;
  /** Further flags of `helm template`. */
  readonly flags?: readonly string[];
};

/** What the real helm makes of the chart, as it would be sent to the API server. Throws with what helm says. */
export async function render(options: RenderOptions = {}): Promise<string> {
  const { values = {}, namespace = NAMESPACE, release = RELEASE, flags = [] } = options;
  return runHelm(['template', release, CHART, `--namespace=${namespace}`, '-f', '-', ...flags], values);
}

export async function renderObjects(options: RenderOptions = {}): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await render(options), { version: '1.1' });
  return [...documents].map((document) => document.toJS() as KubeObject).filter((object) => object !== null);
}

/** The one object of that kind, and of that name where there are several. */
export function only(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [object] = found;
  if (!object || found.length > 1)
    throw new Error(`expected one ${kind} ${name ?? ''}, found ${found.length}`);
  return object;
}

/** helm's stdout, with the values on its stdin; throws with its stderr. */
export async function runHelm(args: readonly string[], values: object = {}): Promise<string> {
  const { helm } = await locatePrograms([HELM], process.env, (progress) =>
    process.stderr.write(`${formatProgress(progress)}\n`),
  );
  const home = join(tmpdir(), 'everynode-helm');
  const env = { ...process.env, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const child = spawn(helm, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.end(JSON.stringify(values));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

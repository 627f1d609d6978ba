import { spawn } from 'node:child_process';
import { UsageError } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { ProvidedCluster } from './provide-cluster.ts';

/**
 * Applies a manifest, YAML or JSON, as the user would: with kubectl, which reads it in its own way, so that
 * admission answers as it does to users.
 *
 * @throws UsageError with kubectl's own words when the API server refuses it, or when there is no kubectl.
 */
export async function kubectlApply(
  text: string,
  { kubectl = 'kubectl', kubeconfig, context }: ProvidedCluster,
  say: (text: string) => void,
  env: Terminal['env'],
): Promise<void> {
  const connection = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const child = spawn(kubectl, [...connection, 'apply', '-f', '-'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  // A kubectl that ended early closes the pipe; its exit code says more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', () =>
      reject(new UsageError('kubectl is not on the PATH; install it to apply manifests')),
    );
  });
  if (code !== 0) throw new UsageError(`kubectl apply refused the DaemonSet: ${output.trim()}`);
  say(`$ kubectl apply -f …\n${output.trim()}\n`);
}

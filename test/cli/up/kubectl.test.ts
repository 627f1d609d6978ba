import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/exit-codes.ts';
import { kubectlApply } from '../../../src/cli/up/kubectl.ts';
import type { ProvidedCluster } from '../../../src/cli/up/provide-cluster.ts';

const MANIFEST = 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: demo} # as it was written\n';

let dir: string;
let said: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everynode-kubectl-'));
  said = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Puts a kubectl into the folder that does as the shell script says. */
async function kubectl(script: string): Promise<string> {
  const path = join(dir, 'kubectl');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

function apply(
  cluster: Partial<ProvidedCluster>,
  env: NodeJS.ProcessEnv = {},
  manifest = MANIFEST,
): Promise<void> {
  const provided: ProvidedCluster = { isLocal: false, certDir: 'certs', stop: async () => {}, ...cluster };
  return kubectlApply(manifest, provided, (text) => void said.push(text), { PATH: process.env.PATH, ...env });
}

describe('kubectlApply', () => {
  it('hands the manifest over on stdin, in the cluster and context that were given', async () => {
    const path = await kubectl(
      `echo "$@" > ${dir}/args; cat > ${dir}/stdin; echo daemonset.apps/demo created`,
    );
    await apply({ kubectl: path, kubeconfig: '/home/me/config', context: 'staging' });
    expect(await readFile(join(dir, 'args'), 'utf8')).toBe(
      '--kubeconfig=/home/me/config --context=staging apply -f -\n',
    );
    expect(await readFile(join(dir, 'stdin'), 'utf8')).toBe(MANIFEST);
    expect(said).toEqual(['$ kubectl apply -f …\ndaemonset.apps/demo created\n']);
  });

  it('leaves the cluster to kubectl when none was given', async () => {
    await apply({ kubectl: await kubectl(`cat > ${dir}/stdin; echo "$@" > ${dir}/args`) });
    expect(await readFile(join(dir, 'args'), 'utf8')).toBe('apply -f -\n');
  });

  it('takes the kubectl on the PATH of the environment it was given', async () => {
    await kubectl('cat > /dev/null; echo "called with $GREETING"');
    await apply({}, { PATH: `${dir}:${process.env.PATH}`, GREETING: 'hello' });
    expect(said.join('')).toContain('called with hello');
  });

  it('tells the refusal in the words of kubectl', async () => {
    const path = await kubectl('cat > /dev/null; echo "spec.selector: field is immutable" >&2; exit 1');
    const applied = apply({ kubectl: path });
    await expect(applied).rejects.toBeInstanceOf(UsageError);
    await expect(applied).rejects.toThrow(
      /^kubectl apply refused the DaemonSet: spec\.selector: field is immutable$/,
    );
    expect(said).toEqual([]);
  });

  it('goes by the exit code of a kubectl that does not read what it is given', async () => {
    const path = await kubectl('exec 0<&-; echo "no such context" >&2; exit 1');
    // More than a pipe holds, so that it cannot be handed over before kubectl ends.
    const applied = apply({ kubectl: path }, {}, `${MANIFEST}note: ${'x'.repeat(1_000_000)}\n`);
    await expect(applied).rejects.toThrow('kubectl apply refused the DaemonSet: no such context');
  });

  it('says that there is no kubectl', async () => {
    const applied = apply({ kubectl: join(dir, 'missing') });
    await expect(applied).rejects.toBeInstanceOf(UsageError);
    await expect(applied).rejects.toThrow('kubectl is not on the PATH; install it to apply manifests');
  });
});

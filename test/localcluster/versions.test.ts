import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HELM, NODE_PROGRAMS, PROGRAMS, versionIn } from '../../src/localcluster/versions.ts';

describe('PROGRAMS', () => {
  const required = {
    etcd: 'go.etcd.io/etcd/server/v3',
    kubernetes: 'k8s.io/kubernetes',
    kwok: 'sigs.k8s.io/kwok',
    containerd: 'github.com/containerd/containerd/v2',
    runc: 'github.com/opencontainers/runc',
    helm: 'helm.sh/helm/v4',
  };

  it.each([...PROGRAMS, ...NODE_PROGRAMS, HELM])(
    '$name has the version and the tool line of its go.mod',
    (program) => {
      const file = new URL(`../../src/localcluster/modules/${program.module}/go.mod`, import.meta.url);
      const mod = readFileSync(file, 'utf8');
      const version = new RegExp(`^\\s*(?:require )?${required[program.module]} (v\\S+)`, 'm').exec(mod)?.[1];
      expect(program.version).toBe(version);
      expect(mod).toMatch(new RegExp(`^(tool )?\\s*${program.package}$`, 'm'));
    },
  );
});

describe('versionIn', () => {
  it.each([
    ['Kubernetes v1.36.3\n', '1.36.3'],
    ['Client Version: v1.36.3\nKustomize Version: v5.8.1\n', '1.36.3'],
    ['etcd Version: 3.6.16\nGit SHA: Not provided\nGo Version: go1.26.8\n', '3.6.16'],
    ['kwok version v0.8.0 go1.26.8 (linux/amd64)\n', '0.8.0'],
    ['containerd github.com/containerd/containerd/v2 v2.4.2 \n', '2.4.2'],
    ['Kubernetes v1.37.0-alpha.1\n', '1.37.0-alpha.1'],
    ['usage: frobnicate [flags]\n', undefined],
  ])('%j says %s', (output, version) => {
    expect(versionIn(output)).toBe(version);
  });
});

import { join } from 'node:path';
import { eventually, type TestCluster } from './harness.ts';
import { goModule } from './published.ts';

/** Both kinds of report, with their CustomResourceDefinitions as projects publish them. */
export const REPORTS = [
  {
    api: 'wgpolicy',
    output: 'policyreport',
    resource: 'policyreports.wgpolicyk8s.io',
    // Kyverno's copy: the working group's own module is not on the module proxy.
    module: 'github.com/kyverno/kyverno@v1.13.4',
    sum: 'h1:2zUi+eszlisLdCir+WIf2NtuUfFPvJtjUNpewdtLjVw=',
    file: 'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml',
  },
  {
    api: 'openreports',
    output: 'openreports',
    resource: 'reports.openreports.io',
    module: 'github.com/openreports/reports-api@v0.2.1',
    sum: 'h1:g9KS3yle9Y1elmww4TK9EkD1rl6inIaiIJPX6e+u680=',
    file: 'config/crd/openreports.io_reports.yaml',
  },
] as const;

/** Has the cluster know that kind of report. */
export async function installReports(
  cluster: TestCluster,
  wanted: (typeof REPORTS)[number]['api'],
): Promise<void> {
  for (const { api, module, sum, file, resource } of REPORTS) {
    if (api !== wanted) continue;
    await cluster.kubectl('apply', '-f', join(await goModule(module, sum), file));
    await eventually(() => cluster.kubectl('get', resource));
  }
}

/** One that everynode wrote once, of nothing that is there. */
export const STALE_REPORT = {
  apiVersion: 'openreports.io/v1alpha1',
  kind: 'Report',
  metadata: { name: 'stale', labels: { 'app.kubernetes.io/managed-by': 'everynode' } },
  source: 'everynode',
  results: [],
};

/** A policy that takes no reports in a namespace. */
export function closedToReports(name: string): readonly object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: 'closed' };
  const rule = {
    apiGroups: ['openreports.io'],
    apiVersions: ['*'],
    resources: ['reports'],
    operations: ['CREATE', 'UPDATE'],
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': name } };
  const validations = [{ expression: 'false', message: 'closed to all' }];
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { matchConstraints: { namespaceSelector, resourceRules: [rule] }, validations },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: 'closed', validationActions: ['Deny'] },
    },
  ];
}

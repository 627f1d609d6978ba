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

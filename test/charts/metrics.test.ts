import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboardQueries } from '../../charts/generate/dashboard.ts';
import { createAdmissionMetrics } from '../../src/telemetry/admission-metrics.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
};

/** Of the API server, of kube-state-metrics, and of Prometheus itself. */
const OTHERS = ['apiserver_admission_webhook_fail_open_count', 'kube_pod_container_resource_limits', 'up'];

const { groups } = parse(await readFile('charts/everynode/files/alerts.yaml', 'utf8')) as {
  groups: { rules: Alert[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules);
const known = new Set([...OTHERS, ...(await namesOfOurs())]);

async function namesOfOurs(): Promise<string[]> {
  const { registry, certificateEnds } = createMetrics('0.0.0');
  certificateEnds(1);
  createAdmissionMetrics(registry);
  return (await registry.getMetricsAsJSON()).map(({ name }) => name);
}

/** Names of metrics in PromQL: all of ours are written with a selector. */
function metricsIn(promql: string): string[] {
  return [...promql.matchAll(/([a-z_][a-z0-9_]*)\{/g)].map(([, name = '']) =>
    name.replace(/_(bucket|sum|count)$/, (suffix) => (known.has(name) ? suffix : '')),
  );
}

describe('what is asked of Prometheus', () => {
  it.each(alerts.map(({ alert, expr }) => [alert, expr]))(
    'alert %s asks for metrics that there are',
    (_, expr) => {
      expect(metricsIn(expr).length).toBeGreaterThan(0);
      expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it.each(dashboardQueries())('the dashboard asks for metrics that there are: %s', (expr) => {
    expect(metricsIn(expr).length).toBeGreaterThan(0);
    expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    'alert %s says how bad, what and what to do',
    (_, alert) => {
      expect(alert.for).toMatch(/^\d+[mh]$/);
      expect(alert.labels.severity).toMatch(/^(warning|critical|SEVERITY_WITHOUT_WEBHOOK)$/);
      expect(alert.annotations.summary).toMatch(/\.$/);
      expect(alert.annotations.description).toMatch(/\.$/);
    },
  );
});

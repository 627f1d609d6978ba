type Query = { readonly expr: string; readonly legend: string };
type Panel = {
  readonly title: string;
  readonly description: string;
  /** Of Grafana's: `reqps`, `s`, `bytes`, `short`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly Query[];
};
type Row = { readonly title: string; readonly panels: readonly Panel[] };

const OURS = 'namespace="$namespace"';

function quantile(share: number, metric: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket{${OURS}}[$__rate_interval])))`;
}

function perSecond(metric: string, by: string): string {
  return `sum by (${by}) (rate(${metric}{${OURS}}[$__rate_interval]))`;
}

function panel(title: string, description: string, unit: string, ...queries: readonly Query[]): Panel {
  return { title, description, unit, queries };
}

const ROWS: readonly Row[] = [
  {
    title: 'Admission',
    panels: [
      panel('Requests by verdict', 'How the webhook answered.', 'reqps', {
        expr: perSecond('everynode_admission_requests_total', 'verdict'),
        legend: '{{verdict}}',
      }),
      panel(
        'Time to answer',
        'From the headers of a request to its answer.',
        's',
        { expr: quantile(0.5, 'everynode_admission_duration_seconds', 'phase'), legend: '{{phase}} p50' },
        { expr: quantile(0.99, 'everynode_admission_duration_seconds', 'phase'), legend: '{{phase}} p99' },
      ),
      panel('Rules that were broken', 'DaemonSets are judged in both phases; one is shown.', 'reqps', {
        expr: `sum by (rule, level) (rate(everynode_admission_rule_violations_total{${OURS}, phase="mutate"}[$__rate_interval]))`,
        legend: '{{rule}} ({{level}})',
      }),
      panel('Let pass unjudged', 'As the API server counts them, while no webhook answered.', 'reqps', {
        expr: 'sum by (name) (rate(apiserver_admission_webhook_fail_open_count{name=~".+\\\\.everynode\\\\.dev"}[$__rate_interval]))',
        legend: '{{name}}',
      }),
      panel('Until the certificate ends', 'It is rotated when a third of its life is left.', 's', {
        expr: `min(everynode_certificate_expiry_timestamp_seconds{${OURS}}) - time()`,
        legend: 'left',
      }),
    ],
  },
  {
    title: 'Sync loop',
    panels: [
      panel('Leader', 'Which replica leads.', 'short', {
        expr: `max by (pod) (leader_election_master_status{${OURS}})`,
        legend: '{{pod}}',
      }),
      panel('Syncs', 'Of DaemonSets, by result.', 'reqps', {
        expr: perSecond('everynode_syncs_total', 'result'),
        legend: '{{result}}',
      }),
      panel(
        'Pods',
        'Created and deleted, by why.',
        'reqps',
        { expr: perSecond('everynode_pods_created_total', 'reason'), legend: 'created: {{reason}}' },
        { expr: perSecond('everynode_pods_deleted_total', 'reason'), legend: 'deleted: {{reason}}' },
      ),
      panel(
        'Queue',
        'DaemonSets that wait for their sync, and for how long.',
        'short',
        { expr: `sum(workqueue_depth{${OURS}})`, legend: 'waiting' },
        { expr: quantile(0.99, 'workqueue_queue_duration_seconds', 'name'), legend: 'waited, p99 (s)' },
      ),
      panel('Caches behind', 'From the answer to a write until the cache showed it, p99.', 's', {
        expr: quantile(0.99, 'everynode_informer_lag_seconds', 'kind'),
        legend: '{{kind}}',
      }),
      panel('Requests to the API server', 'By status.', 'reqps', {
        expr: perSecond('rest_client_requests_total', 'code'),
        legend: '{{code}}',
      }),
    ],
  },
  {
    title: 'Processes',
    panels: [
      panel('Memory', 'Resident.', 'bytes', {
        expr: `max by (pod) (process_resident_memory_bytes{${OURS}})`,
        legend: '{{pod}}',
      }),
      panel('CPU', 'Cores.', 'short', {
        expr: perSecond('process_cpu_seconds_total', 'pod'),
        legend: '{{pod}}',
      }),
      panel('Event loop lag', 'p99: how late a process gets to its work.', 's', {
        expr: `max by (pod) (nodejs_eventloop_lag_p99_seconds{${OURS}})`,
        legend: '{{pod}}',
      }),
    ],
  },
];

const WIDTH = 8;
const HEIGHT = 7;
const COLUMNS = 3;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The Grafana dashboard, as it is imported. */
export function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of ROWS) {
    panels.push({ id: panels.length + 1, type: 'row', title: row.title, gridPos: { x: 0, y, w: 24, h: 1 } });
    row.panels.forEach((each, index) => {
      const x = (index % COLUMNS) * WIDTH;
      const top = y + 1 + Math.floor(index / COLUMNS) * HEIGHT;
      panels.push(timeSeries(each, panels.length + 1, { x, y: top, w: WIDTH, h: HEIGHT }));
    });
    y += 1 + Math.ceil(row.panels.length / COLUMNS) * HEIGHT;
  }
  return {
    title: 'everynode',
    uid: 'everynode',
    tags: ['everynode', 'kubernetes'],
    editable: true,
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: { list: [datasourceVariable(), namespaceVariable()] },
    panels,
  };
}

/** The PromQL of every panel. */
export function dashboardQueries(): readonly string[] {
  return ROWS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)));
}

function timeSeries({ title, description, unit, queries }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
    options: {
      tooltip: { mode: 'multi', sort: 'desc' },
      legend: { displayMode: 'list', placement: 'bottom' },
    },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

function datasourceVariable(): object {
  return { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };
}

function namespaceVariable(): object {
  const query = 'label_values(everynode_build_info, namespace)';
  return { name: 'namespace', label: 'Namespace', type: 'query', datasource: DATASOURCE, query, refresh: 2 };
}

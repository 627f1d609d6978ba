import { MIB, spread, table } from '../report.ts';
import { CONNECTIONS, CROWD, type WebhookResults } from './measure.ts';

/** The webhook part, as Markdown. */
export function webhookReport({ serving, floods, pods }: WebhookResults): string {
  return [
    '## The webhook',
    '',
    `One AdmissionReview of 8 KiB for a Pod that lacks its pin and its tolerations, over ${CONNECTIONS} connections; the server has one core, the load another.`,
    'The bare server and the one of express with its JSON parser parse it and answer the same patch every time, with no check.',
    '',
    servingTable(serving),
    '',
    `${CROWD} clients at once, each sending again as soon as it is answered:`,
    '',
    table([
      ['each sends', 'answers (200)', 'told to come again (429)', 'most memory of the process'],
      ...floods.map(({ bytes, statuses, peakBytes }) => [
        bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / 1024} KiB`,
        String(statuses['200'] ?? 0),
        String(statuses['429'] ?? 0),
        `${(peakBytes / MIB).toFixed(0)} MiB`,
      ]),
    ]),
    '',
    `${pods.pods} pods of a DaemonSet, posted to the API server over 64 connections; every one is to be pinned and given its tolerations:`,
    '',
    table([
      ['in front of the API server', 'pods a second'],
      ...pods.rates.map(({ name, runs }) => [name, spread(runs, 0, '/s')]),
    ]),
  ].join('\n');
}

function servingTable(serving: WebhookResults['serving']): string {
  const bare = median(serving[0]?.runs.map(({ rate }) => rate) ?? []);
  return table([
    [
      '',
      ...serving.map(({ name, runs }) => `${name} (${runs.length} ${runs.length === 1 ? 'run' : 'runs'})`),
    ],
    [
      'answers a second',
      ...serving.map(({ runs }) =>
        spread(
          runs.map(({ rate }) => rate),
          0,
          '/s',
        ),
      ),
    ],
    [
      'of the bare server’s',
      ...serving.map(({ runs }) => `${((100 * median(runs.map(({ rate }) => rate))) / bare).toFixed(0)} %`),
    ],
    [
      'p50',
      ...serving.map(({ runs }) =>
        spread(
          runs.map(({ p50 }) => p50),
          2,
          'ms',
        ),
      ),
    ],
    [
      'p99',
      ...serving.map(({ runs }) =>
        spread(
          runs.map(({ p99 }) => p99),
          2,
          'ms',
        ),
      ),
    ],
    [
      'processor time of an answer',
      ...serving.map(({ runs }) =>
        spread(
          runs.map(({ cpu }) => cpu),
          0,
          'µs',
        ),
      ),
    ],
  ]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

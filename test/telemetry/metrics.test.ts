import { describe, expect, it } from 'vitest';
import { createWorkqueue } from '../../src/kube/workqueue.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { samples as samplesOf } from './samples.ts';

const samples = (metrics: Metrics, name: string): Promise<readonly string[]> =>
  samplesOf(metrics.registry, name);

describe('metrics', () => {
  it('of requests carry status, verb and host', async () => {
    const metrics = createMetrics('1.2.3');
    metrics.request({ method: 'POST', host: '127.0.0.1:6443', code: 201, seconds: 0.02 });
    metrics.request({ method: 'POST', host: '127.0.0.1:6443', code: 201, seconds: 0.02 });
    metrics.request({ method: 'GET', host: '127.0.0.1:6443', code: 0, seconds: 5 });
    expect(await samples(metrics, 'rest_client_requests_total')).toEqual([
      '{code="201",method="POST",host="127.0.0.1:6443"} 2',
      '{code="0",method="GET",host="127.0.0.1:6443"} 1',
    ]);
    expect(await samples(metrics, 'rest_client_request_duration_seconds_sum')).toEqual([
      '{verb="POST",host="127.0.0.1:6443"} 0.04',
      '{verb="GET",host="127.0.0.1:6443"} 5',
    ]);
  });

  it('§7.5 of the work queue follow a real queue', async () => {
    const metrics = createMetrics('1.2.3');
    const queue = createWorkqueue(metrics.queue('daemonset'));
    const value = async (name: string): Promise<readonly string[]> => samples(metrics, `workqueue_${name}`);
    queue.add('a');
    queue.add('b');
    queue.add('b');
    expect(await value('depth')).toEqual(['{name="daemonset"} 2']);
    expect(await value('adds_total')).toEqual(['{name="daemonset"} 2']);
    const key = (await queue.get()) ?? '';
    expect(await value('depth')).toEqual(['{name="daemonset"} 1']);
    expect(await value('queue_duration_seconds_count')).toEqual(['{name="daemonset"} 1']);
    expect(await value('longest_running_processor_seconds')).not.toEqual(['{name="daemonset"} 0']);
    queue.addRateLimited(key);
    queue.done(key);
    expect(await value('retries_total')).toEqual(['{name="daemonset"} 1']);
    expect(await value('work_duration_seconds_count')).toEqual(['{name="daemonset"} 1']);
    expect(await value('unfinished_work_seconds')).toEqual(['{name="daemonset"} 0']);
    queue.shutDown();
  });

  it('of leading, syncs and pods count what they are told', async () => {
    const metrics = createMetrics('1.2.3');
    metrics.leading('everynode-sync', true);
    metrics.synced('error');
    metrics.reconciled(0.003);
    metrics.podCreated('Missing');
    metrics.podCreated('Missing');
    metrics.podDeleted('Outdated');
    metrics.cacheLag('Pod', 0.02);
    metrics.watchEnded('Pod');
    expect(await samples(metrics, 'leader_election_master_status')).toEqual(['{name="everynode-sync"} 1']);
    expect(await samples(metrics, 'everynode_syncs_total')).toEqual(['{result="error"} 1']);
    expect(await samples(metrics, 'everynode_reconcile_duration_seconds_sum')).toEqual(['0.003']);
    expect(await samples(metrics, 'everynode_pods_created_total')).toEqual(['{reason="Missing"} 2']);
    expect(await samples(metrics, 'everynode_pods_deleted_total')).toEqual(['{reason="Outdated"} 1']);
    expect(await samples(metrics, 'everynode_informer_lag_seconds_count')).toEqual(['{kind="Pod"} 1']);
    expect(await samples(metrics, 'everynode_informer_watches_ended_total')).toEqual(['{kind="Pod"} 1']);
    expect(await samples(metrics, 'everynode_build_info')).toEqual(['{version="1.2.3"} 1']);
  });

  it('that are sampled are read at every scrape, and forget what is gone', async () => {
    const metrics = createMetrics('1.2.3');
    let names = ['a', 'b'];
    metrics.sampled('everynode_test', 'A test.', ['name'], () =>
      names.map((name, index) => ({ labels: { name }, value: index })),
    );
    expect(await samples(metrics, 'everynode_test')).toEqual(['{name="a"} 0', '{name="b"} 1']);
    names = ['b'];
    expect(await samples(metrics, 'everynode_test')).toEqual(['{name="b"} 0']);
  });

  it('tell of the process, too', async () => {
    const { registry } = createMetrics('1.2.3');
    const text = await registry.metrics();
    expect(text).toContain('\nprocess_resident_memory_bytes ');
    expect(text).toContain('\nnodejs_eventloop_lag_p99_seconds ');
  });
});

it('says when the serving certificate ends, once there is one', async () => {
  const metrics = createMetrics('1');
  const name = 'everynode_certificate_expiry_timestamp_seconds';
  expect(await metrics.registry.metrics()).not.toContain(name);
  metrics.certificateEnds(1_900_000_000);
  metrics.certificateEnds(1_900_000_001);
  expect(await metrics.registry.metrics()).toContain(`${name} 1900000001`);
});

import type { DaemonSetFacts, Evidence } from './evidence.ts';
import { listNames } from '../admission/list-names.ts';
import type { Finding } from './finding.ts';

const US = 'everynode';
const BUILT_IN = 'kube-controller-manager';
/** A DaemonSet that nobody has looked at for so long is not looked at. */
const SYNCED_WITHIN_MS = 60_000;

/** Whether everynode itself is well, and alone. `now` in milliseconds since the epoch. */
export function checkEverynode(evidence: Evidence, now: number): readonly Finding[] {
  return [
    ...checkRegistration(evidence),
    ...checkLease(evidence, now),
    ...checkProbe(evidence),
    ...checkSecondController(evidence, now),
    ...checkNobodySyncs(evidence, now),
  ];
}

function checkRegistration({
  configurations,
  installation: { configurationName: name },
}: Evidence): readonly Finding[] {
  const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;
  const missing = kinds.filter(
    (kind) => !configurations.some((each) => each.kind === kind && each.metadata.name === name),
  );
  return missing.map((kind) => ({
    severity: missing.length === kinds.length ? 'info' : 'error',
    check: 'everynode-not-registered',
    object: { kind, name },
    path: '',
    explanation:
      missing.length === kinds.length
        ? 'does not exist: no webhook of everynode guards this cluster'
        : 'does not exist, while its twin does: half of the admission rules have no effect',
    remedy: 'run everynode webhook, or install the chart; if it has another name, give --configuration-name',
  }));
}

function isFresh({ lease }: Evidence, now: number): boolean {
  // Clocks differ a little; a holder renews many times within one duration.
  return lease !== undefined && lease.holder !== '' && now - lease.renewedAt <= 2 * lease.durationMs;
}

function checkLease(evidence: Evidence, now: number): readonly Finding[] {
  const { lease, installation, notRead } = evidence;
  const object = { kind: 'Lease', namespace: installation.namespace, name: installation.leaseName };
  if (!lease) {
    if (notRead.some(({ what }) => what.startsWith('leases'))) return [];
    return [
      {
        severity: 'info',
        check: 'everynode-lease',
        object,
        path: '',
        explanation: 'does not exist: the sync loop has not run in this cluster',
        remedy: 'nothing, where another controller makes the pods of DaemonSets; else run everynode sync',
      },
    ];
  }
  if (isFresh(evidence, now)) return [];
  const seconds = Math.round((now - lease.renewedAt) / 1000);
  return [
    {
      severity: lease.holder === '' ? 'warning' : 'error',
      check: 'everynode-lease',
      object,
      path: lease.holder === '' ? 'spec.holderIdentity' : 'spec.renewTime',
      explanation:
        lease.holder === ''
          ? 'nobody holds it: the sync loop was stopped, and no replica has taken over'
          : `${lease.holder} has not renewed it for ${seconds} s: no replica of the sync loop is at work`,
      remedy: 'look at the replicas of everynode sync, and at their logs',
    },
  ];
}

function probeOf({ daemonSets, installation }: Evidence): DaemonSetFacts | undefined {
  const name = `${installation.leaseName}-probe`;
  return daemonSets.find((each) => each.namespace === installation.namespace && each.name === name);
}

function checkProbe(evidence: Evidence): readonly Finding[] {
  const probe = probeOf(evidence);
  if (!probe || probe.observedGeneration === 0) return [];
  return [
    {
      severity: 'warning',
      check: 'everynode-probe',
      object: { kind: 'DaemonSet', namespace: probe.namespace, name: probe.name },
      path: 'status.observedGeneration',
      explanation: 'another DaemonSet controller has answered the probe, so everynode makes no pods',
      remedy:
        'nothing, where that one is meant to; else switch it off (kube-controller-manager: ' +
        '--controllers=*,-daemonset-controller)',
    },
  ];
}

function checkSecondController(evidence: Evidence, now: number): readonly Finding[] {
  const { lease, daemonSets } = evidence;
  if (!lease || !isFresh(evidence, now)) return [];
  const wrote = ({ statusWriters }: DaemonSetFacts, manager: string): boolean =>
    statusWriters.some((writer) => writer.manager === manager && writer.at > lease.acquiredAt);
  // We write only while we are in charge: a status that both have written since is one that they fight over.
  if (!daemonSets.some((each) => wrote(each, US))) return [];
  return daemonSets
    .filter((each) => wrote(each, BUILT_IN))
    .map(({ namespace, name }) => ({
      severity: 'error',
      check: 'two-controllers',
      object: { kind: 'DaemonSet', namespace, name },
      path: 'status',
      explanation: `${BUILT_IN} has written its status since ${lease.holder} leads: two controllers make the same pods`,
      remedy:
        'switch one of them off: --controllers=*,-daemonset-controller, or everynode sync --mode=assist',
    }));
}

function checkNobodySyncs(evidence: Evidence, now: number): readonly Finding[] {
  const { daemonSets } = evidence;
  const probe = probeOf(evidence);
  const left = daemonSets.filter(
    (each) =>
      each !== probe && each.observedGeneration < each.generation && now - each.changedAt > SYNCED_WITHIN_MS,
  );
  const [first] = left;
  if (!first) return [];
  return [
    {
      severity: 'error',
      check: 'nobody-syncs',
      object: { kind: 'DaemonSet', namespace: first.namespace, name: first.name },
      path: 'status.observedGeneration',
      explanation:
        `no controller has looked at it since it was changed` +
        (left.length > 1
          ? `, nor at ${listNames(left.slice(1).map(({ namespace, name }) => `${namespace}/${name}`))}`
          : '') +
        ': nobody makes the pods of DaemonSets here',
      remedy: 'run everynode sync, or switch the DaemonSet controller of kube-controller-manager on',
    },
  ];
}

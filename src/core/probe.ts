import type { DaemonSet } from '../api/daemonset.ts';
import { PROBE_LABEL } from '../api/keys.ts';
import type { OwnerReference } from '../api/meta.ts';

/** Who makes the pods: our sync loop, or somebody else while we watch. */
export type Mode = 'own' | 'assist';
export type WantedMode = Mode | 'auto';

/** Whether it is a probe, which is nobody's to look at. */
export function isProbe({ metadata }: Pick<DaemonSet, 'metadata'>): boolean {
  return metadata.labels?.[PROBE_LABEL] !== undefined;
}

/**
 * A DaemonSet that matches no node. Whoever syncs DaemonSets raises its `status.observedGeneration` and does
 * nothing else with it; the loop that made it leaves it alone. So an answer means that another one is at work.
 *
 * @param owner with which it goes, should its maker have no time, or no right any more, to take it away.
 */
export function probeManifest(namespace: string, name: string, owner?: OwnerReference): object {
  const labels = { [PROBE_LABEL]: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      namespace,
      name,
      labels: { ...labels, 'app.kubernetes.io/name': 'everynode', 'app.kubernetes.io/component': 'probe' },
      annotations: {
        'everynode.dev/description':
          'Matches no node. Shows everynode whether another DaemonSet controller is at work; safe to delete.',
      },
      ...(owner && { ownerReferences: [owner] }),
    },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          // Two values that exclude each other: no label can satisfy both.
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: PROBE_LABEL, operator: 'Exists' },
                      { key: PROBE_LABEL, operator: 'DoesNotExist' },
                    ],
                  },
                ],
              },
            },
          },
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'never-runs',
              image: 'registry.k8s.io/pause:3.10',
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}

/** Whether somebody has synced the probe. */
export function isAnswered({ status }: DaemonSet): boolean {
  return (status?.observedGeneration ?? 0) > 0;
}

/** The mode that follows from what the probe shows; undefined when `own` is wanted and must be refused. */
export function decideMode(wanted: WantedMode, answered: boolean): Mode | undefined {
  if (wanted === 'assist') return 'assist';
  if (!answered) return 'own';
  return wanted === 'auto' ? 'assist' : undefined;
}

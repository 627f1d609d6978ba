import type { Board } from '../../../core/coverage/board.ts';
import { SEVERITIES } from '../../../core/severity.ts';

/** Another text whenever the findings that the board counts are others. */
export function findingsVersion({ daemonSets }: Pick<Board, 'daemonSets'>): string {
  return daemonSets
    .map(({ daemonSet, findings }) => {
      const counts = findings ? SEVERITIES.map((severity) => findings[severity]).join() : 'pending';
      return `${daemonSet} ${counts}`;
    })
    .join(';');
}

/** How many findings the board counts. */
export function totalFindings({ daemonSets }: Pick<Board, 'daemonSets'>): number {
  return daemonSets.reduce(
    (sum, { findings }) =>
      sum + (findings ? SEVERITIES.reduce((all, severity) => all + findings[severity], 0) : 0),
    0,
  );
}

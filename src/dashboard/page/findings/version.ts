import type { Board } from '../../../core/coverage/board.ts';
import { SEVERITIES } from '../../../core/severity.ts';

type Known = Pick<Board, 'daemonSets' | 'judged'>;

/** Another text whenever there are other findings, or others to wait for. */
export function findingsVersion({ daemonSets, judged }: Known): string {
  const pending = daemonSets.filter(({ findings }) => findings === undefined);
  return [judged?.version, ...pending.map(({ daemonSet }) => daemonSet)].join(' ');
}

/** How many findings count; undefined until anything was judged. */
export function totalFindings({ judged }: Known): number | undefined {
  return judged && SEVERITIES.reduce((sum, severity) => sum + judged.findings[severity], 0);
}

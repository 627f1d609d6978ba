import type { NotRead } from '../../core/doctor/evidence.ts';
import { painter } from '../columns.ts';
import { formatData, notReadLines, type OutputFormat } from '../output.ts';
import type { Explained } from '../../core/explain/explained.ts';
import { detailLines, groupLines, headline, nodeLines } from './tables.ts';

export type Shown = {
  /** Whether one DaemonSet was asked for by name. */
  readonly one: boolean;
  /** Whether one node was asked for. */
  readonly detailed: boolean;
  readonly output: OutputFormat;
  readonly nodeLimit: number;
  readonly colours: boolean;
};

/** The report as it is printed, with a line break at its end. */
export async function formatExplanations(
  answers: readonly Explained[],
  notRead: readonly NotRead[],
  { one, detailed, output, nodeLimit, colours }: Shown,
): Promise<string> {
  if (output === 'json' || output === 'yaml') {
    const [first] = answers;
    return formatData(one && first ? { ...first, notRead } : { daemonSets: answers, notRead }, output);
  }
  const paint = painter(colours);
  const blocks = answers.map((answer) => {
    if (detailed && output === 'table')
      return answer.nodes.flatMap((node) => detailLines(node, answer, paint));
    const table =
      output === 'wide' ? nodeLines(answer.nodes, nodeLimit, paint) : groupLines(answer.groups, paint);
    return [headline(answer), '', ...table];
  });
  const blind = notReadLines(notRead, paint);
  if (blocks.length === 0 && blind.length === 0) return 'no DaemonSets found\n';
  return `${[...blocks, ...(blind.length > 0 ? [blind] : [])].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

import type { BoardNode } from '../../../core/coverage/board.ts';
import { counted } from '../../../core/admission/list-names.ts';
import type { FocusProps } from '../grid/grid-row.tsx';
import type { Sizes } from '../grid/use-spans.ts';
import { hashOf, type Options } from '../routing/route.ts';
import { CutName } from '../cut-name.tsx';
import { shortLabel } from '../text.ts';
import type { GroupColumn, NodeColumn } from './columns.ts';
import { groupHeadLabel } from './labels.ts';
import { charactersIn } from './sizes.ts';

/** Characters that the mark of a node that is not ready takes. */
function markLength({ notReadySince }: BoardNode): number {
  return notReadySince === undefined ? 0 : 3;
}

/** Characters that the header of a node takes. */
export function headLength({ node }: NodeColumn, name: string): number {
  return name.length + markLength(node);
}

export function NodeHead({
  column: { node },
  name,
  focus,
  sizes,
}: {
  readonly column: NodeColumn;
  /** In short. */
  readonly name: string;
  readonly focus: FocusProps;
  readonly sizes: Sizes;
}) {
  const down = node.notReadySince !== undefined;
  const fits = charactersIn(sizes);
  return (
    <a
      class={`head-link ${sizes.isUpright ? 'upright' : 'centred'} ${down ? 'down' : ''}`}
      href={hashOf({ view: 'node', node: node.name, options: {} })}
      title={`${node.name}${down ? ': not ready' : ''}`}
      {...focus}
    >
      <span class="head-name">
        <CutName name={name} most={fits - markLength(node)} />
      </span>
      {down && (
        <span class="down-mark">
          !<span class="unseen"> not ready</span>
        </span>
      )}
    </a>
  );
}

export function GroupHead({
  column,
  focus,
  sizes,
  options,
}: {
  readonly column: GroupColumn;
  readonly focus: FocusProps;
  readonly sizes: Sizes;
  /** What the view of the group takes over. */
  readonly options: Options;
}) {
  const { label, value, nodes, notReady } = column;
  const fits = charactersIn(sizes);
  return (
    <a
      class="head-link"
      href={hashOf({ view: 'group', label, value, options })}
      title={groupHeadLabel(column)}
      {...focus}
    >
      <span class="head-name">
        <span class="group-name">
          {value === '' ? `no ${shortLabel(label)}` : <CutName name={value} most={fits} />}
        </span>
        <span class="unseen">: </span>
        <span class={`head-note ${notReady > 0 ? 'down' : ''}`}>
          {notReady > 0 ? `! ${notReady} not ready` : counted(nodes, 'node')}
        </span>
      </span>
    </a>
  );
}

import { counted } from '../../../core/admission/list-names.ts';
import type { FocusProps } from '../grid/grid-row.tsx';
import { hashOf, type Options } from '../routing/route.ts';
import { CutName } from '../cut-name.tsx';
import { shortLabel } from '../text.ts';
import type { GroupColumn, NodeColumn } from './columns.ts';
import { groupHeadLabel } from './labels.ts';

/** Narrower columns have their names upright. */
const UPRIGHT_BELOW = 92;
/** Of a character of the header, in pixels, and what is left free beside them. */
const CHARACTER = 7;
const MARGIN = 18;
/** Characters that fit into an upright header. */
const UPRIGHT_FITS = 17;

export function NodeHead({
  column: { node },
  name,
  focus,
  width,
}: {
  readonly column: NodeColumn;
  /** In short. */
  readonly name: string;
  readonly focus: FocusProps;
  readonly width: number;
}) {
  const isUpright = width < UPRIGHT_BELOW;
  const down = node.notReadySince !== undefined;
  const fits = isUpright ? UPRIGHT_FITS : Math.floor((width - MARGIN) / CHARACTER);
  return (
    <a
      class={`head-link ${isUpright ? 'upright' : 'centred'} ${down ? 'down' : ''}`}
      href={hashOf({ view: 'node', node: node.name, options: {} })}
      title={`${node.name}${down ? ': not ready' : ''}`}
      {...focus}
    >
      <span class="head-name">
        <CutName name={name} most={fits - (down ? 2 : 0)} />
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
  width,
  options,
}: {
  readonly column: GroupColumn;
  readonly focus: FocusProps;
  readonly width: number;
  /** What the view of the group takes over. */
  readonly options: Options;
}) {
  const { label, value, nodes, notReady } = column;
  const fits = Math.floor((width - MARGIN) / CHARACTER);
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

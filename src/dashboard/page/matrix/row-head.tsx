import type { BoardRow } from '../../../core/coverage/board.ts';
import type { FocusProps } from '../grid/grid-row.tsx';
import { hashOf } from '../routing/route.ts';
import { shortState, splitName } from '../text.ts';
import { findingsInWords, rowLabel } from './labels.ts';

/** A DaemonSet at the start of its row, as a link to its own page. */
export function RowHead({ row, focus }: { readonly row: BoardRow; readonly focus: FocusProps }) {
  const [namespace, name] = splitName(row.daemonSet);
  const { error = 0, warning = 0 } = row.findings ?? {};
  const found = error + warning;
  return (
    <a
      class="row-link"
      href={hashOf({ view: 'daemonSet', daemonSet: row.daemonSet, options: {} })}
      title={`${row.daemonSet}\n${row.message}`}
      aria-label={rowLabel(row)}
      {...focus}
    >
      <span class={`dot tone-${row.tone}`} />
      <span class="row-name">
        <span class="namespace">{namespace}</span>
        <span class="slash">/</span>
        <span class="own-name">{name}</span>
      </span>
      <span class={`row-state tone-${row.tone}`}>{shortState(row.state)}</span>
      <span class={`found ${error > 0 ? 'error' : 'warning'}`} title={findingsInWords(row.findings)}>
        {found > 0 && `${error > 0 ? '✕' : '▲'} ${found}`}
      </span>
      <span class="row-count">
        {row.numberAvailable}/{row.desiredNumberScheduled}
      </span>
    </a>
  );
}

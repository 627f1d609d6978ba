import type { BoardRow } from '../../../core/coverage/board.ts';
import type { FocusProps } from '../grid/grid-row.tsx';
import { hashOf } from '../routing/route.ts';
import { shortState, splitName } from '../text.ts';
import { findingsInWords } from './labels.ts';

/** A DaemonSet at the start of its row, as a link to its own page. */
export function RowHead({ row, focus }: { readonly row: BoardRow; readonly focus: FocusProps }) {
  const [namespace, name] = splitName(row.daemonSet);
  return (
    <a
      class="row-link"
      href={hashOf({ view: 'daemonSet', daemonSet: row.daemonSet, options: {} })}
      title={`${row.daemonSet}\n${row.message}`}
      {...focus}
    >
      <span class={`dot tone-${row.tone}`} />
      <span class="row-name">
        <span class="unseen">{row.daemonSet}</span>
        <span class="namespace" aria-hidden="true">
          {namespace}
        </span>
        <span class="slash" aria-hidden="true">
          /
        </span>
        <span class="own-name" aria-hidden="true">
          {name}
        </span>
      </span>
      <span class={`row-state tone-${row.tone}`}>
        <span class="unseen">: </span>
        {shortState(row.state)}
      </span>
      <Found findings={row.findings} />
      <span class="row-count">
        <span class="unseen">, </span>
        {row.numberAvailable}/{row.desiredNumberScheduled}
        <span class="unseen"> available</span>
      </span>
    </a>
  );
}

/** What audit found of weight. */
function Found({ findings }: { readonly findings: BoardRow['findings'] }) {
  const { error = 0, warning = 0 } = findings ?? {};
  const words = findingsInWords(findings);
  return (
    <span class="found" title={words}>
      {error > 0 && (
        <span class="error" aria-hidden="true">
          ✕ {error}
        </span>
      )}
      {warning > 0 && (
        <span class="warning" aria-hidden="true">
          ▲ {warning}
        </span>
      )}
      {words !== '' && <span class="unseen">, audit found {words}</span>}
    </span>
  );
}

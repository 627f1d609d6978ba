import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Board } from '../../../core/coverage/board.ts';
import { type CellAnswer, PATHS } from '../../wire.ts';
import { useBeat } from '../live/use-beat.ts';
import { stateAt } from '../matrix/rows.ts';
import { type Cell, hashOf, type Route, withOptions } from '../routing/route.ts';
import { goBackOr } from '../routing/use-route.ts';
import { addressOf } from '../session/ask.ts';
import { useAnswer } from '../session/use-answer.ts';
import { StateTile } from '../state-tile.tsx';
import { STATES } from '../states.ts';
import { CellExplained } from './cell-answer.tsx';

type Props = { readonly board: Board; readonly route: Route; readonly cell: Cell };

/** Explains a cell for as long as it is open, also while the cell changes. */
export function CellDialog({ board, route, cell }: Props) {
  const { daemonSet, node } = cell;
  const row = board.daemonSets.find((each) => each.daemonSet === daemonSet);
  const place = board.nodes.findIndex(({ name }) => name === node);
  const state = row && place >= 0 ? stateAt(row, place) : undefined;
  const beat = useBeat();
  const version = `${state} ${row?.revision} ${board.connection.reachable} ${beat}`;
  const { answer, error } = useAnswer<CellAnswer>(addressOf(PATHS.explain, { daemonSet, node }), version);
  const close = (): void => goBackOr(withOptions(route, { explain: undefined }));
  const dialog = useModal(close);
  return (
    <dialog
      ref={dialog}
      class="cell-dialog"
      aria-labelledby="cell-title"
      onClick={(event) => {
        // The backdrop belongs to the dialog; all else is in the frame within.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div class="dialog-frame">
        <header>
          <h2 id="cell-title" tabIndex={-1}>
            <a href={hashOf({ view: 'daemonSet', daemonSet, options: {} })}>{daemonSet}</a> on{' '}
            <a href={hashOf({ view: 'node', node, options: {} })}>{node}</a>
          </h2>
          <button type="button" class="close" onClick={() => dialog.current?.close()} aria-label="Close">
            ×
          </button>
        </header>
        {state && (
          <p class="dialog-state">
            <StateTile state={state} />
            <span>
              <strong>{STATES[state].word}</strong>: {STATES[state].meaning}
            </span>
          </p>
        )}
        {error !== undefined && <p role="alert">{error}</p>}
        {answer ? <CellExplained answer={answer} /> : error === undefined && <p class="help">Asking…</p>}
      </div>
    </dialog>
  );
}

/**
 * Shown over everything else until it is closed, by whatever means; then the focus comes back to where it was.
 *
 * @param onClosed not told where the address led elsewhere.
 */
function useModal(onClosed: () => void): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  const told = useRef(onClosed);
  told.current = onClosed;
  useLayoutEffect(() => {
    const { current } = dialog;
    if (!current) return;
    const tell = (): void => told.current();
    current.addEventListener('close', tell);
    current.showModal();
    // What is read first; not the first of its links.
    current.querySelector('h2')?.focus();
    return () => {
      current.removeEventListener('close', tell);
      current.close();
    };
  }, []);
  return dialog;
}

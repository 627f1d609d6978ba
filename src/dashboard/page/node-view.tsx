import type { Board } from '../../core/coverage/board.ts';
import type { CellState } from '../../core/coverage/cell.ts';
import { counted } from '../../core/admission/list-names.ts';
import { answerSentence, podWords, waitingSentence } from './explain/sentences.ts';
import { useBeat } from './live/use-beat.ts';
import { stateAt } from './matrix/rows.ts';
import { formatMoment } from './moment.ts';
import { Nothing } from './nothing.tsx';
import { hashOf, type Route, withOptions } from './routing/route.ts';
import { goTo } from './routing/use-route.ts';
import { addressOf } from './session/ask.ts';
import { useAnswer } from './session/use-answer.ts';
import { StateTile } from './state-tile.tsx';
import { STATE_ORDER, STATES } from './states.ts';
import { shortLabel } from './text.ts';
import { type CellAnswer, type NodeAnswer, PATHS } from '../wire.ts';

type Props = { readonly board: Board; readonly route: Route; readonly node: string };

/** All DaemonSets on one node, what is wrong first. */
export function NodeView({ board, route, node }: Props) {
  const place = board.nodes.findIndex(({ name }) => name === node);
  const cells = board.daemonSets
    .map((row) => ({ daemonSet: row.daemonSet, state: stateAt(row, place) }))
    .toSorted((a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state));
  const beat = useBeat();
  const version = [...cells.map(({ daemonSet, state }) => `${daemonSet} ${state}`), beat].join();
  const { answer, error } = useAnswer<NodeAnswer>(addressOf(PATHS.explain, { node }), version);
  if (place < 0) return <Nothing title={`Node ${node}`}>No node is called so (any more).</Nothing>;
  const answers = new Map(answer?.daemonSets.map((each) => [each.daemonSet, each]));
  const { notReadySince } = board.nodes[place] ?? {};
  const here = cells.filter(({ state }) => state !== 'none');
  return (
    <section class="page-view" aria-labelledby="title">
      <nav class="breadcrumbs" aria-label="Breadcrumbs">
        <a href={hashOf({ view: 'overview', options: {} })}>Coverage</a>
      </nav>
      <h1 id="title">Node {node}</h1>
      <p>
        {notReadySince === undefined ? (
          'Ready.'
        ) : (
          <strong class="text-trouble">Not ready since {formatMoment(notReadySince)}.</strong>
        )}{' '}
        {counted(here.length, 'DaemonSet')} of {cells.length} {here.length === 1 ? 'concerns' : 'concern'} it.
      </p>
      <Groups board={board} place={place} />
      {error !== undefined && <p role="alert">{error}</p>}
      <ul class="cell-list" aria-label="DaemonSets">
        {cells.map(({ daemonSet, state }) => (
          <li key={daemonSet}>
            <Line
              daemonSet={daemonSet}
              state={state}
              answer={answers.get(daemonSet)}
              onExplain={() => goTo(withOptions(route, { explain: `${daemonSet}@${node}` }))}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

type LineProps = {
  readonly daemonSet: string;
  readonly state: CellState;
  readonly answer: CellAnswer | undefined;
  readonly onExplain: () => void;
};

function Line({ daemonSet, state, answer, onExplain }: LineProps) {
  return (
    <>
      <StateTile state={state} />
      <div class="cell-line">
        <a href={hashOf({ view: 'daemonSet', daemonSet, options: {} })} title={daemonSet}>
          {daemonSet}
        </a>{' '}
        <strong class={`text-${state}`}>{STATES[state].word}</strong>
        <p>{answer ? detailOf(answer) : STATES[state].meaning}</p>
      </div>
      <button type="button" onClick={onExplain} aria-label={`Explain ${daemonSet}`}>
        Explain
      </button>
    </>
  );
}

function detailOf(answer: CellAnswer): string {
  const { pods, reason } = answer;
  const why = reason === '' ? '' : `${answerSentence(answer)} Why not: ${reason}.`;
  const there = pods.map((pod) => `${podWords(pod)}.`);
  return [...there, why, waitingSentence(answer)].filter(Boolean).join(' ');
}

/** To the nodes beside it, by what they share. */
function Groups({ board, place }: { readonly board: Board; readonly place: number }) {
  if (board.groupings.length === 0) return null;
  return (
    <ul class="chips" aria-label="Groups that the node is in">
      {board.groupings.map(({ label, values, of }) => {
        const value = values[of[place] ?? 0] ?? '';
        return (
          <li key={label}>
            <a href={hashOf({ view: 'group', label, value, options: {} })} title={label}>
              {shortLabel(label)}: {value === '' ? 'none' : value}
            </a>
          </li>
        );
      })}
    </ul>
  );
}

import type { Board, BoardRow } from '../../../core/coverage/board.ts';
import { type DaemonSetAnswer, type FindingsAnswer, PATHS } from '../../wire.ts';
import { FindingList } from '../findings/finding-list.tsx';
import { findingsVersion } from '../findings/version.ts';
import { useBeat } from '../live/use-beat.ts';
import { Nothing } from '../nothing.tsx';
import { hashOf, type Route, withOptions } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { addressOf } from '../session/ask.ts';
import { useAnswer } from '../session/use-answer.ts';
import { capitalised, spacedWords } from '../text.ts';
import { NodeGroups } from './node-groups.tsx';
import { NodeMap } from './node-map.tsx';
import { Progress } from './progress.tsx';

type Props = { readonly board: Board; readonly route: Route; readonly daemonSet: string };

/** All about one DaemonSet. */
export function DaemonSetView({ board, route, daemonSet }: Props) {
  const row = board.daemonSets.find((each) => each.daemonSet === daemonSet);
  if (!row) return <Nothing title={daemonSet}>No DaemonSet is called so (any more).</Nothing>;
  const explain = (node: string): void => goTo(withOptions(route, { explain: `${daemonSet}@${node}` }));
  return (
    <section class="page-view" aria-labelledby="title">
      <nav class="breadcrumbs" aria-label="Breadcrumbs">
        <a href={hashOf({ view: 'overview', options: {} })}>Coverage</a>
      </nav>
      <h1 id="title">{daemonSet}</h1>
      <p class="verdict">
        <strong class={`pill tone-${row.tone}`}>{spacedWords(row.state)}</strong> {capitalised(row.message)}
      </p>
      <Facts row={row} />
      <div class="halves">
        <Progress row={row} />
        <section aria-labelledby="map">
          <h2 id="map">Where</h2>
          <NodeMap board={board} row={row} onExplain={explain} />
        </section>
      </div>
      <Findings board={board} row={row} />
      <Explained row={row} />
    </section>
  );
}

function Facts({ row }: { readonly row: BoardRow }) {
  const facts: readonly (readonly [string, string | number])[] = [
    ['Strategy', row.strategy],
    ['Revision', row.revision ?? 'not stored yet'],
    ['Desired', row.desiredNumberScheduled],
    ['Current', row.currentNumberScheduled],
    ['Ready', row.numberReady],
    ['Up to date', row.updatedNumberScheduled],
    ['Available', row.numberAvailable],
    ['Misscheduled', row.numberMisscheduled],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Explained({ row }: { readonly row: BoardRow }) {
  const version = `${row.cells} ${row.revision} ${useBeat()}`;
  const { answer, error } = useAnswer<DaemonSetAnswer>(
    addressOf(PATHS.explain, { daemonSet: row.daemonSet }),
    version,
  );
  return (
    <>
      {error !== undefined && <p role="alert">{error}</p>}
      {answer && <NodeGroups answer={answer} />}
    </>
  );
}

function Findings({ board, row }: { readonly board: Board; readonly row: BoardRow }) {
  const { answer, error } = useAnswer<FindingsAnswer>(addressOf(PATHS.findings), findingsVersion(board));
  const ofThis = ({ subject }: FindingsAnswer['findings'][number]): boolean =>
    subject.kind === 'DaemonSet' && `${subject.namespace}/${subject.name}` === row.daemonSet;
  const findings = [...(answer?.findings ?? []), ...(answer?.suppressed ?? [])].filter(ofThis);
  if (error !== undefined) return <p role="alert">{error}</p>;
  if (!answer) return null;
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      {findings.length > 0 ? (
        <FindingList findings={findings} />
      ) : (
        <p>{row.findings ? 'Nothing was found.' : 'Not judged yet.'}</p>
      )}
    </section>
  );
}

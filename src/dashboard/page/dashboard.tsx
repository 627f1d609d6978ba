import { useEffect, useRef, useState } from 'preact/hooks';
import type { Board } from '../../core/coverage/board.ts';
import type { SessionAnswer } from '../wire.ts';
import { Account } from './account.tsx';
import { DaemonSetView } from './daemonset/daemonset-view.tsx';
import { CellDialog } from './explain/cell-dialog.tsx';
import { FindingsView } from './findings/findings-view.tsx';
import { totalFindings } from './findings/version.ts';
import { type Feed, follow } from './live/feed.ts';
import { standingOf } from './live/standing.ts';
import { StatusLine } from './live/status-line.tsx';
import { formatMoment } from './moment.ts';
import { Nothing } from './nothing.tsx';
import { NodeView } from './node-view.tsx';
import { GroupView, Overview } from './overview.tsx';
import { hashOf, OVERVIEW, parseCell, type Route } from './routing/route.ts';
import { useRoute } from './routing/use-route.ts';
import { titleOf } from './title.ts';

type Props = {
  readonly who: SessionAnswer;
  readonly onSignOut: () => void;
  /** The session has ended by itself. */
  readonly onSignedOut: () => void;
};

/** The whole page of somebody who is signed in. */
export function Dashboard({ who, onSignOut, onSignedOut }: Props) {
  const route = useRoute();
  const [feed, setFeed] = useState<Feed>({});
  useEffect(() => follow({ onFeed: setFeed, onSignedOut }), [onSignedOut]);
  const main = useTitledMain(route);
  const { board } = feed;
  const total = board && totalFindings(board);
  const cell = parseCell(route.options.explain);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The hash is the route's.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={hashOf(OVERVIEW)} aria-label="everynode: coverage">
          <img src="icon.svg" alt="" width="20" height="20" />
          <span class="brand-name">everynode</span>
        </a>
        <nav aria-label="Views">
          <NavLink route={route} to={OVERVIEW} text="Coverage" />
          <NavLink
            route={route}
            to={{ view: 'findings', options: {} }}
            text={total === undefined ? 'Findings' : `Findings (${total})`}
          />
        </nav>
        <StatusLine standing={standingOf(feed, formatMoment)} />
        <Account who={who} onSignOut={onSignOut} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {board ? (
          <CurrentView board={board} route={route} />
        ) : (
          <Nothing title="Coverage">Waiting for the cluster…</Nothing>
        )}
      </main>
      {board && cell && <CellDialog key={route.options.explain} board={board} route={route} cell={cell} />}
    </>
  );
}

function CurrentView({ board, route }: { readonly board: Board; readonly route: Route }) {
  switch (route.view) {
    case 'overview':
      return <Overview board={board} route={route} />;
    case 'group':
      return <GroupView board={board} route={route} group={route} />;
    case 'node':
      return <NodeView board={board} route={route} node={route.node} />;
    case 'daemonSet':
      return <DaemonSetView board={board} route={route} daemonSet={route.daemonSet} />;
    case 'findings':
      return <FindingsView board={board} route={route} />;
    case 'unknown':
      return (
        <Nothing title="There is no such page">
          <a href={hashOf(OVERVIEW)}>Coverage</a> has all DaemonSets.
        </Nothing>
      );
  }
}

function NavLink({ route, to, text }: { readonly route: Route; readonly to: Route; readonly text: string }) {
  return (
    <a href={hashOf(to)} aria-current={route.view === to.view ? 'page' : undefined}>
      {text}
    </a>
  );
}

/** Sets the title, and moves the focus to the content when another view is shown. */
function useTitledMain(route: Route) {
  const main = useRef<HTMLElement>(null);
  const title = titleOf(route);
  const first = useRef(true);
  useEffect(() => {
    document.title = title;
    const { current } = main;
    if (!first.current && current) {
      current.scrollTop = 0;
      // A matrix may have taken it to a cell already.
      if (!current.contains(document.activeElement)) current.focus({ preventScroll: true });
    }
    first.current = false;
  }, [title]);
  return main;
}

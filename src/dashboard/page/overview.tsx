import type { Board } from '../../core/coverage/board.ts';
import { chosenGrouping } from './matrix/columns.ts';
import { emptyGroup } from './matrix/empty-matrix.ts';
import { Filters } from './matrix/filters.tsx';
import { groupTitle } from './matrix/labels.ts';
import { GroupsView, NodesView } from './matrix/matrix-view.tsx';
import { hashOf, type Route } from './routing/route.ts';
import { labelTitle } from './text.ts';

type Props = { readonly board: Board; readonly route: Route };

/** Every DaemonSet against groups of nodes, or against every node. */
export function Overview({ board, route }: Props) {
  const grouping = chosenGrouping(board, route.options.by);
  return (
    <section class="matrix-view" aria-labelledby="title">
      <div class="view-head">
        <h1 id="title">Coverage</h1>
        <Filters route={route} groupings={board.groupings} grouping={grouping} />
      </div>
      {grouping ? (
        <GroupsView
          board={board}
          route={route}
          grouping={grouping}
          label={`DaemonSets by ${labelTitle(grouping.label)}`}
        />
      ) : (
        <NodesView board={board} route={route} label="DaemonSets by node" />
      )}
    </section>
  );
}

/** Every DaemonSet against the nodes of one group. */
export function GroupView({
  board,
  route,
  group,
}: Props & { readonly group: { readonly label: string; readonly value: string } }) {
  const grouping = board.groupings.find(({ label }) => label === group.label);
  const { at: _, explain: __, ...options } = route.options;
  return (
    <section class="matrix-view" aria-labelledby="title">
      <nav class="breadcrumbs" aria-label="Breadcrumbs">
        <a href={hashOf({ view: 'overview', options: { ...options, by: group.label } })}>
          Coverage by {labelTitle(group.label)}
        </a>
      </nav>
      <div class="view-head">
        <h1 id="title">{groupTitle(group)}</h1>
        <Filters route={route} />
      </div>
      {grouping?.values.includes(group.value) ? (
        <NodesView
          board={board}
          route={route}
          group={{ grouping, value: group.value }}
          label={`DaemonSets by node of ${groupTitle(group)}`}
        />
      ) : (
        <p class="empty">{emptyGroup(grouping, group.label)}</p>
      )}
    </section>
  );
}

import type { Grouping } from '../../../core/coverage/groupings.ts';
import { goTo } from '../routing/use-route.ts';
import { EVERY_NODE, type Route, withOptions } from '../routing/route.ts';
import { SearchField } from '../search-field.tsx';
import { labelTitle } from '../text.ts';

type Props = {
  readonly route: Route;
  /** To choose from; undefined where that is decided already. */
  readonly groupings?: readonly Grouping[];
  readonly grouping?: Grouping | undefined;
};

/** What the matrix shows. Typing leaves no steps to go back through. */
export function Filters({ route, groupings, grouping }: Props) {
  const { daemonSets = '', nodes = '', only } = route.options;
  const change = (options: Route['options']): void => goTo(withOptions(route, options), 'replace');
  return (
    <form class="filters" role="search" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      {groupings && groupings.length > 0 && (
        <label>
          <span class="filter-name">Nodes by</span>
          <select
            value={grouping?.label ?? EVERY_NODE}
            onChange={(event) =>
              goTo(withOptions(route, { by: event.currentTarget.value, at: undefined }), 'push')
            }
          >
            {groupings.map(({ label }) => (
              <option key={label} value={label}>
                {labelTitle(label)}
              </option>
            ))}
            <option value={EVERY_NODE}>every node</option>
          </select>
        </label>
      )}
      <SearchField
        name="DaemonSets"
        value={daemonSets}
        placeholder="name or namespace"
        onInput={(text) => change({ daemonSets: text })}
      />
      <SearchField
        name="Nodes"
        value={nodes}
        placeholder="name"
        onInput={(text) => change({ nodes: text })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={only === 'unsettled'}
          onChange={(event) => change({ only: event.currentTarget.checked ? 'unsettled' : '' })}
        />
        Only what is not as it should be
      </label>
    </form>
  );
}

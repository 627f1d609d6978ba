import type { BoardRow } from '../../../core/coverage/board.ts';
import type { RevisionShare } from '../../../core/coverage/row.ts';
import { renewedNodes } from './renewed.ts';

/** How far the rollout is, as a whole and by revision. */
export function Progress({ row }: { readonly row: BoardRow }) {
  const { revisions, desiredNumberScheduled: desired } = row;
  const done = renewedNodes(row);
  const scale = Math.max(desired, ...revisions.map(({ pods }) => pods), 1);
  return (
    <section aria-labelledby="progress">
      <h2 id="progress">Rollout</h2>
      <div
        class="progress"
        role="progressbar"
        aria-label="Nodes with an available pod of the current revision"
        aria-valuemin={0}
        aria-valuemax={desired}
        aria-valuenow={done}
        aria-valuetext={`${done} of ${desired}`}
      >
        <span class="progress-done" style={{ width: `${desired === 0 ? 0 : (done / desired) * 100}%` }} />
      </div>
      <p class="counts">
        {done} of {desired} nodes have an available pod of the current revision.
      </p>
      {revisions.length > 0 && (
        <table class="revisions">
          <thead>
            <tr>
              <th scope="col">Revision</th>
              <th scope="col" class="number">
                Pods
              </th>
              <th scope="col" class="number">
                Available
              </th>
              <td class="share-column" />
            </tr>
          </thead>
          <tbody>
            {revisions.map((share, index) => (
              <Share key={share.revision ?? `unknown ${index}`} share={share} scale={scale} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Share({ share, scale }: { readonly share: RevisionShare; readonly scale: number }) {
  const { revision, current, pods, available } = share;
  const state = current ? 'available' : 'outdated';
  return (
    <tr>
      <th scope="row">
        {revision ?? 'not stored'} <span class="help">{current ? 'current' : 'old'}</span>
      </th>
      <td class="number">{pods}</td>
      <td class="number">{available}</td>
      <td class="share-column" aria-hidden="true">
        <span class="share">
          <span class={`share-part fill-${state}`} style={{ width: `${(available / scale) * 100}%` }} />
          <span
            class="share-part fill-starting"
            style={{ width: `${((pods - available) / scale) * 100}%` }}
          />
        </span>
      </td>
    </tr>
  );
}

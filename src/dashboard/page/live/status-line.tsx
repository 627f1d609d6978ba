import type { Standing } from './standing.ts';

/** Whether the page is live. Spoken when it changes, which is seldom. */
export function StatusLine({ standing: { tone, short, sentence } }: { readonly standing: Standing }) {
  return (
    <div class={`status-line tone-${tone}`} role="status" aria-label="Connection">
      {sentence === '' ? (
        <span class="status-short">
          <span class="dot" aria-hidden="true" />
          {short}
        </span>
      ) : (
        <p class="banner">
          <span class="dot" aria-hidden="true" />
          {sentence}
        </p>
      )}
    </div>
  );
}

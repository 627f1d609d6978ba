import { useState } from 'preact/hooks';
import type { SessionAnswer } from '../wire.ts';
import { applyTheme, storedTheme, storeTheme, type Theme, THEMES } from './theme.ts';

/** Who is signed in where, the theme, and the way out. */
export function Account({ who, onSignOut }: { readonly who: SessionAnswer; readonly onSignOut: () => void }) {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (next: Theme): void => {
    applyTheme(next);
    storeTheme(next);
    setTheme(next);
  };
  return (
    <details
      class="account"
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.open = false;
      }}
    >
      <summary>
        <span class="user">{who.user}</span>
      </summary>
      <div class="account-panel">
        <dl>
          <dt>User</dt>
          <dd>{who.user}</dd>
          <dt>Cluster</dt>
          <dd>{who.cluster}</dd>
          <dt>everynode</dt>
          <dd>{who.version}</dd>
        </dl>
        <fieldset>
          <legend>Theme</legend>
          {THEMES.map((each) => (
            <label key={each}>
              <input type="radio" name="theme" checked={theme === each} onChange={() => choose(each)} />{' '}
              {each}
            </label>
          ))}
        </fieldset>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </details>
  );
}

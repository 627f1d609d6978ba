import type { Finding } from '../../../core/audit/finding.ts';
import type { Severity } from '../../../core/severity.ts';

const MARKS: Readonly<Record<Severity, string>> = { error: '✕', warning: '▲', info: 'i' };

/** Findings of one object. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul class="findings">
      {findings.map(({ rule, severity, path, message, suppressed }, index) => (
        <li key={`${rule} ${path} ${index}`}>
          <span class={`severity ${severity}`}>
            <span aria-hidden="true">{MARKS[severity]}</span> {severity}
          </span>
          <div>
            <p>
              {path !== '' && <code>{path}</code>} {message}
            </p>
            <p class="help">
              {rule}
              {suppressed && ` · accepted: ${suppressed.reason}`}
              {suppressed?.until !== undefined && ` (until ${suppressed.until})`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

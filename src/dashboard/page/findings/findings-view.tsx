import type { Board } from '../../../core/coverage/board.ts';
import { counted } from '../../../core/admission/list-names.ts';
import { countBySeverity, countedSeverity, SEVERITIES } from '../../../core/severity.ts';
import { type FindingsAnswer, PATHS } from '../../wire.ts';
import { hashOf, type Route, withOptions } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { SearchField } from '../search-field.tsx';
import { addressOf } from '../session/ask.ts';
import { useAnswer } from '../session/use-answer.ts';
import { bySubject, filterFindings, type SubjectFindings } from './findings.ts';
import { FindingList } from './finding-list.tsx';
import { findingsVersion } from './version.ts';

/** All that audit finds. */
export function FindingsView({ board, route }: { readonly board: Board; readonly route: Route }) {
  const { answer, error } = useAnswer<FindingsAnswer>(addressOf(PATHS.findings), findingsVersion(board));
  const { text = '', severity = '' } = route.options;
  const filter = { text, severity };
  const findings = filterFindings(answer?.findings ?? [], filter);
  const accepted = filterFindings(answer?.suppressed ?? [], filter);
  return (
    <section class="page-view" aria-labelledby="title">
      <div class="view-head">
        <h1 id="title">Findings</h1>
        <Filters route={route} />
      </div>
      {error !== undefined && <p role="alert">{error}</p>}
      {answer ? (
        <>
          <Summary answer={answer} shown={findings.length} />
          {bySubject(findings).map((group) => (
            <Subject key={`${group.kind} ${group.name}`} group={group} heading="h2" />
          ))}
          {accepted.length > 0 && (
            <section aria-labelledby="accepted">
              <h2 id="accepted">Accepted</h2>
              <p class="help">By an annotation of the object; they do not count.</p>
              {bySubject(accepted).map((group) => (
                <Subject key={`${group.kind} ${group.name}`} group={group} heading="h3" />
              ))}
            </section>
          )}
        </>
      ) : (
        error === undefined && <p class="help">Asking…</p>
      )}
    </section>
  );
}

function Summary({ answer, shown }: { readonly answer: FindingsAnswer; readonly shown: number }) {
  const { findings, pending } = answer;
  const counts = countBySeverity(findings);
  const parts = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) =>
    countedSeverity(counts[severity], severity),
  );
  return (
    <p>
      {findings.length === 0 ? 'Nothing was found.' : `${parts.join(', ')}.`}
      {findings.length > 0 && shown < findings.length && ` ${shown} of them pass the filter.`}
      {pending > 0 && ` ${counted(pending, 'DaemonSet')} not judged yet.`}
    </p>
  );
}

function Subject({
  group: { kind, name, findings },
  heading: Heading,
}: {
  readonly group: SubjectFindings;
  readonly heading: 'h2' | 'h3';
}) {
  return (
    <section class="subject">
      <Heading>
        {kind === 'DaemonSet' ? (
          <a href={hashOf({ view: 'daemonSet', daemonSet: name, options: {} })} title={name}>
            {name}
          </a>
        ) : (
          `${kind} ${name}`
        )}
      </Heading>
      <FindingList findings={findings} />
    </section>
  );
}

function Filters({ route }: { readonly route: Route }) {
  const { text = '', severity = '' } = route.options;
  const change = (options: Route['options']): void => goTo(withOptions(route, options), 'replace');
  return (
    <form class="filters" role="search" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span class="filter-name">Severity</span>
        <select value={severity} onChange={(event) => change({ severity: event.currentTarget.value })}>
          <option value="">all</option>
          {SEVERITIES.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <SearchField
        name="Text"
        value={text}
        placeholder="DaemonSet, rule, field or message"
        onInput={(typed) => change({ text: typed })}
      />
    </form>
  );
}

import type { Finding } from '../../../core/audit/finding.ts';
import { matches } from '../text.ts';

export type FindingFilter = {
  readonly text: string;
  /** Empty for all. */
  readonly severity: string;
};

/** What one object's findings are. */
export type SubjectFindings = {
  /** `namespace/name`, or the name of an object without a namespace. */
  readonly name: string;
  readonly kind: string;
  readonly findings: readonly Finding[];
};

export function filterFindings(
  findings: readonly Finding[],
  { text, severity }: FindingFilter,
): readonly Finding[] {
  return findings.filter(
    (finding) =>
      (severity === '' || finding.severity === severity) &&
      matches([subjectName(finding), finding.rule, finding.path, finding.message].join(' '), text),
  );
}

function subjectName({ subject: { namespace, name } }: Finding): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** By object, in the order in which each is first named: worst first stays worst first. */
export function bySubject(findings: readonly Finding[]): readonly SubjectFindings[] {
  const groups = Map.groupBy(findings, (finding) => `${finding.subject.kind} ${subjectName(finding)}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ name: subjectName(first), kind: first.subject.kind, findings: group }] : [];
  });
}

import { listNames } from '../../core/admission/list-names.ts';
import type { ApiError } from '../../kube/errors.ts';

export type Verb = 'create' | 'patch' | 'delete';

/** A report that is to be written or deleted. */
export type Report = {
  readonly metadata: { readonly name: string; readonly namespace: string };
  /** The object that it is about. */
  readonly scope?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
};

type Refusal = { readonly names: string[]; readonly why: string };

/** In so many namespaces a verb is tried that may not be used: rights are mostly those of the whole cluster. */
const NAMESPACES_TRIED = 3;
const SHOWN = 3;

/** Reports that the API server did not take, by the reason. */
export class Refusals {
  /** By the reason, without what names the one report. */
  readonly #refusals = new Map<string, Refusal>();
  /** By verb, the namespaces where it may not be used, each with the reason. */
  readonly #forbidden = new Map<string, Map<string, string>>();

  add(report: Report, error: ApiError): void {
    const verb = forbiddenVerb(error);
    const why = error.message;
    const reason = reasonOf(report, why);
    if (verb !== undefined) {
      const namespaces = this.#forbidden.get(verb) ?? new Map<string, string>();
      this.#forbidden.set(verb, namespaces.set(report.metadata.namespace, reason));
    }
    const refusal = this.#refusals.get(reason) ?? { names: [], why };
    refusal.names.push(nameOf(report));
    this.#refusals.set(reason, refusal);
  }

  /** Whether one of these verbs is known not to be allowed. Then the report is counted with those that were refused so. */
  foresees(report: Report, verbs: readonly Verb[]): boolean {
    for (const verb of verbs) {
      const namespaces = this.#forbidden.get(verb) ?? new Map<string, string>();
      const [[, anywhere] = []] = namespaces.size < NAMESPACES_TRIED ? [] : namespaces;
      const reason = namespaces.get(report.metadata.namespace) ?? anywhere;
      if (reason === undefined) continue;
      this.#refusals.get(reason)?.names.push(nameOf(report));
      return true;
    }
    return false;
  }

  /** What was refused and why, the first few by name; undefined when all went well. */
  sentence(): string | undefined {
    if (this.#refusals.size === 0) return undefined;
    const all = [...this.#refusals.values()];
    const shown = all.slice(0, SHOWN).map(({ names, why }) => `${listNames(names, SHOWN)}: ${why}`);
    const left = all.slice(SHOWN).reduce((sum, { names }) => sum + names.length, 0);
    return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join('; ');
  }
}

/** The same for all reports that were refused alike. */
function reasonOf({ metadata: { name, namespace } }: Report, message: string): string {
  return message.replaceAll(name, 'NAME').replaceAll(`"${namespace}"`, 'NAMESPACE');
}

/** The verb that the user has no right to, as the API server words it. Admission refuses with 403 too, one object only. */
function forbiddenVerb({ status, message }: ApiError): string | undefined {
  return status === 403 ? /" cannot (\w+) resource "/.exec(message)?.[1] : undefined;
}

function nameOf({ metadata, scope: { kind, namespace, name } = {} }: Report): string {
  if (kind === undefined || name === undefined) return `${metadata.namespace}/${metadata.name}`;
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

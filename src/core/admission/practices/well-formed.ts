import { SERVED_VERSION } from '../../deprecations/api-versions.ts';
import { fieldFaults } from '../../schema/field-faults.ts';
import { kindOf } from '../../schema/kind-of.ts';
import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, MALFORMED, readField, readList } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

type Path = readonly string[];

const TEMPLATE: Path = ['spec', 'template'];
const POD_SPEC: Path = [...TEMPLATE, 'spec'];
/** What makes a DaemonSet; a selector too, of which there are rules of its own. */
const SKELETON: readonly Path[] = [['metadata'], ['spec'], TEMPLATE, POD_SPEC];

/** Types and fields without which the API server refuses the object before any rule sees it. */
export const wellFormed: DaemonSetRule = {
  id: 'well-formed',
  level: 'off',
  check: ({ object }) => {
    const byPath = new Map<string, Problem>();
    const faults = fieldFaults(object).filter(({ is }) => is !== 'unknown');
    for (const { path, message } of [
      ...versionProblem(object),
      ...nameProblem(object),
      ...SKELETON.flatMap((each) => skeletonProblem(object, each)),
      ...containerProblems(object),
      ...faults,
    ]) {
      // The first ones say more.
      if (!byPath.has(path)) byPath.set(path, { path, message });
    }
    return [...byPath.values()];
  },
};

function skeletonProblem(object: unknown, path: Path): readonly Problem[] {
  if (readField(object, ...path) !== undefined) return [];
  const isAlone = path.length > 1 && !isJsonObject(readField(object, ...path.slice(0, -1)));
  // A parent that is missing is told of by itself.
  return isAlone
    ? []
    : [{ path: path.join('.'), message: 'is missing, and without it there is no DaemonSet' }];
}

/** What an API server lists has neither version nor kind. */
function versionProblem(object: unknown): readonly Problem[] {
  if (readField(object, 'kind') === undefined || readField(object, 'apiVersion') !== undefined) return [];
  return [{ path: 'apiVersion', message: `is missing; for a DaemonSet write apiVersion: ${SERVED_VERSION}` }];
}

function nameProblem(object: unknown): readonly Problem[] {
  const name = readField(object, 'metadata', 'name');
  if (name === MALFORMED || (typeof name === 'string' && name !== '')) return [];
  if (name === undefined && typeof readField(object, 'metadata', 'generateName') === 'string') return [];
  const message =
    name === undefined ? 'is missing; give the DaemonSet a name' : `is ${kindOf(name)}, and must be a string`;
  return [{ path: 'metadata.name', message }];
}

function containerProblems(object: unknown): readonly Problem[] {
  const path = [...POD_SPEC, 'containers'];
  const containers = readList(object, ...path);
  const spec = readField(object, ...POD_SPEC);
  if (!isJsonObject(spec) || containers === MALFORMED) return [];
  if (containers === undefined || containers.length === 0) {
    return [{ path: path.join('.'), message: 'is empty; a pod needs at least one container' }];
  }
  return containers.flatMap((container, at) => {
    if (!isJsonObject(container)) return [];
    return ['name', 'image'].flatMap((field) =>
      typeof container[field] === 'string' && container[field] !== ''
        ? []
        : [{ path: `${path.join('.')}[${at}].${field}`, message: 'is missing, or no string' }],
    );
  });
}

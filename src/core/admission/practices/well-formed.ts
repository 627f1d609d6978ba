import { SERVED_VERSION } from '../../deprecations/api-versions.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, type JsonObject, MALFORMED, readField, readList, readSelector } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

type Path = readonly string[];
type Expected = 'a mapping' | 'a list' | 'a string' | 'a whole number' | 'true or false';

const TEMPLATE: Path = ['spec', 'template'];
const POD_SPEC: Path = [...TEMPLATE, 'spec'];

/** Fields with their types; those without which there is no DaemonSet are required. */
const FIELDS: readonly { readonly path: Path; readonly is: Expected; readonly required?: true }[] = [
  { path: ['metadata'], is: 'a mapping', required: true },
  { path: ['metadata', 'namespace'], is: 'a string' },
  { path: ['spec'], is: 'a mapping', required: true },
  { path: ['spec', 'selector'], is: 'a mapping' },
  { path: ['spec', 'updateStrategy'], is: 'a mapping' },
  { path: ['spec', 'updateStrategy', 'type'], is: 'a string' },
  { path: ['spec', 'updateStrategy', 'rollingUpdate'], is: 'a mapping' },
  { path: ['spec', 'minReadySeconds'], is: 'a whole number' },
  { path: ['spec', 'revisionHistoryLimit'], is: 'a whole number' },
  { path: TEMPLATE, is: 'a mapping', required: true },
  { path: [...TEMPLATE, 'metadata'], is: 'a mapping' },
  { path: POD_SPEC, is: 'a mapping', required: true },
  { path: [...POD_SPEC, 'nodeName'], is: 'a string' },
  { path: [...POD_SPEC, 'serviceAccountName'], is: 'a string' },
  { path: [...POD_SPEC, 'priorityClassName'], is: 'a string' },
  { path: [...POD_SPEC, 'hostNetwork'], is: 'true or false' },
  { path: [...POD_SPEC, 'hostPID'], is: 'true or false' },
  { path: [...POD_SPEC, 'hostIPC'], is: 'true or false' },
  { path: [...POD_SPEC, 'tolerations'], is: 'a list' },
  { path: [...POD_SPEC, 'affinity'], is: 'a mapping' },
  { path: [...POD_SPEC, 'volumes'], is: 'a list' },
  { path: [...POD_SPEC, 'terminationGracePeriodSeconds'], is: 'a whole number' },
];
const STRING_MAPS: readonly Path[] = [
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['spec', 'selector', 'matchLabels'],
  [...TEMPLATE, 'metadata', 'labels'],
  [...TEMPLATE, 'metadata', 'annotations'],
  [...POD_SPEC, 'nodeSelector'],
];

/** Types and fields without which the API server refuses the object before any rule sees it. */
export const wellFormed: DaemonSetRule = {
  id: 'well-formed',
  level: 'off',
  check: ({ object }) => {
    const typed = FIELDS.flatMap(({ path, is, required }) => typeProblem(object, path, is, required));
    const maps = STRING_MAPS.flatMap((path) => mapProblems(object, path));
    const found = [
      ...versionProblem(object),
      ...nameProblem(object),
      ...typed,
      ...maps,
      ...containerProblems(object),
    ];
    return found.length > 0 ? found : deepProblems(object);
  },
};

function typeProblem(object: unknown, path: Path, is: Expected, required?: true): readonly Problem[] {
  const value = readField(object, ...path);
  // A parent of the wrong type is told of by itself.
  if (value === MALFORMED) return [];
  if (value === undefined) {
    const parent = readField(object, ...path.slice(0, -1));
    if (!required || (path.length > 1 && !isJsonObject(parent))) return [];
    return [{ path: path.join('.'), message: 'is missing, and without it there is no DaemonSet' }];
  }
  return hasType(value, is)
    ? []
    : [{ path: path.join('.'), message: `is ${kindOf(value)}, and must be ${is}` }];
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

function mapProblems(object: unknown, path: Path): readonly Problem[] {
  const map = readField(object, ...path);
  if (map === undefined || map === MALFORMED) return [];
  if (!isJsonObject(map))
    return [{ path: path.join('.'), message: `is ${kindOf(map)}, and must be a mapping` }];
  return Object.entries(map).flatMap(([key, value]) =>
    typeof value === 'string'
      ? []
      : [
          {
            path: `${path.join('.')}[${key}]`,
            message: `is ${kindOf(value)}, and must be a string; put it in quotes`,
          },
        ],
  );
}

function containerProblems(object: unknown): readonly Problem[] {
  const path = [...POD_SPEC, 'containers'];
  const containers = readList(object, ...path);
  const spec = readField(object, ...POD_SPEC);
  if (!isJsonObject(spec)) return [];
  if (containers === MALFORMED) return [{ path: path.join('.'), message: 'is no list of containers' }];
  if (containers === undefined || containers.length === 0) {
    return [{ path: path.join('.'), message: 'is empty; a pod needs at least one container' }];
  }
  return containers.flatMap((container, at) => {
    const where = `${path.join('.')}[${at}]`;
    if (!isJsonObject(container))
      return [{ path: where, message: `is ${kindOf(container)}, and must be a mapping` }];
    const missing = ['name', 'image'].flatMap((field) =>
      typeof container[field] === 'string' && container[field] !== ''
        ? []
        : [{ path: `${where}.${field}`, message: 'is missing, or no string' }],
    );
    return [...missing, ...unquoted(container, where)];
  });
}

/** Numbers and words such as yes, where YAML takes for something else what was meant as a string. */
function unquoted(container: JsonObject, where: string): readonly Problem[] {
  const entries = (field: string): readonly unknown[] => {
    const list = container[field];
    return Array.isArray(list) ? list : [];
  };
  const values = [
    ...['command', 'args'].flatMap((field) =>
      entries(field).map((value, at) => ({ path: `${where}.${field}[${at}]`, value })),
    ),
    ...entries('env').map((entry, at) => ({
      path: `${where}.env[${at}].value`,
      value: isJsonObject(entry) ? (entry['value'] ?? '') : '',
    })),
  ];
  return values.flatMap(({ path, value }) =>
    typeof value === 'string'
      ? []
      : [{ path, message: `is ${kindOf(value)}, and must be a string; put it in quotes` }],
  );
}

/** What is left are entries of lists; where they stand is found by who reads them. */
function deepProblems(object: unknown): readonly Problem[] {
  if (readSelector(object, 'spec', 'selector') === MALFORMED) {
    return [
      {
        path: 'spec.selector.matchExpressions',
        message: 'holds an entry that is not {key, operator, values: [strings]}',
      },
    ];
  }
  if (readPodSpec(object, ...POD_SPEC) === undefined) {
    return [
      {
        path: POD_SPEC.join('.'),
        message: 'has a toleration or a term of node affinity with a field of the wrong type',
      },
    ];
  }
  return [];
}

function hasType(value: unknown, is: Expected): boolean {
  switch (is) {
    case 'a mapping':
      return isJsonObject(value);
    case 'a list':
      return Array.isArray(value);
    case 'a string':
      return typeof value === 'string';
    case 'true or false':
      return typeof value === 'boolean';
    case 'a whole number':
      return Number.isInteger(value);
  }
}

/** `the number 7`, `a list`. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'empty';
  if (typeof value === 'object') return 'a mapping';
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

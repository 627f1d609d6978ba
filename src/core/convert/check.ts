import { isJsonObject, type JsonObject, MALFORMED, readField, readObject } from '../admission/untrusted.ts';
import { kindOf } from '../schema/kind-of.ts';
import type { Obstacle } from './step.ts';

const STRING_MAPS: readonly (readonly string[])[] = [
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'template', 'spec', 'nodeSelector'],
];

const REQUIRED: readonly (readonly [path: readonly string[], remedy: string])[] = [
  [['metadata'], 'give the DaemonSet a name'],
  [['spec'], 'a DaemonSet needs spec.template'],
  [['spec', 'template'], 'a DaemonSet needs the template of its pods'],
  [['spec', 'template', 'spec'], 'a DaemonSet needs the spec of its pods'],
];

/** Why a DaemonSet cannot be converted at all: no version of the API would have taken it. */
export function checkConvertible(daemonSet: JsonObject): readonly Obstacle[] {
  const missing = REQUIRED.find(([path]) => !isJsonObject(readField(daemonSet, ...path)));
  if (missing) {
    const [path, remedy] = missing;
    const isMissing = readField(daemonSet, ...path) === undefined;
    return [{ path, message: `${isMissing ? 'is missing' : 'is no mapping'}: ${remedy}` }];
  }
  const wrong = STRING_MAPS.flatMap((path) => notStrings(daemonSet, path));
  return wrong.length > 0 ? wrong : withoutLabels(daemonSet);
}

function notStrings(daemonSet: JsonObject, path: readonly string[]): readonly Obstacle[] {
  const map = readObject(daemonSet, ...path);
  if (map === undefined) return [];
  if (map === MALFORMED) return [{ path, message: 'is no mapping of names to strings; correct it' }];
  return Object.entries(map)
    .filter(([, value]) => typeof value !== 'string')
    .map(([name, value]) => ({
      path: [...path, name],
      message: `is ${kindOf(value)}; put it into quotes, since only strings are valid here`,
    }));
}

function withoutLabels(daemonSet: JsonObject): readonly Obstacle[] {
  const path = ['spec', 'template', 'metadata', 'labels'];
  const labels = readObject(daemonSet, ...path);
  const hasLabels = isJsonObject(labels) && Object.keys(labels).length > 0;
  if (hasLabels || readField(daemonSet, 'spec', 'selector') !== undefined) return [];
  return [
    { path, message: 'is missing, so there is nothing to make spec.selector from: give the pods a label' },
  ];
}

import type { FieldPath } from '../../api/field-path.ts';
import { isJsonObject, type JsonObject } from '../admission/untrusted.ts';
import { REMOVED_VERSIONS, SERVED_VERSION } from '../deprecations/api-versions.ts';
import { type Listed, unfoldLists } from '../lists.ts';
import {
  apiVersion,
  labels,
  lastApplied,
  selector,
  templateGeneration,
  toServedVersion,
  updateStrategy,
} from './api-version.ts';
import { checkConvertible } from './check.ts';
import { applyEdit, type Edit } from './edit.ts';
import { nodeKeyValues, nodeSelector, tolerations } from './node-keys.ts';
import { podAnnotation } from './pod-annotations.ts';
import { serviceAccount } from './service-account.ts';
import type { Obstacle, Step } from './step.ts';

/** What becomes of one DaemonSet. Paths are those of the document that it stands in. */
export type Conversion = {
  readonly path: FieldPath;
  /** In order; empty where it is as it should be, or cannot be converted. */
  readonly edits: readonly Edit[];
  /** What is left to a person. */
  readonly obstacles: readonly Obstacle[];
};

/** What becomes of a document: of the DaemonSet that it is, or of those in the List that it is. */
export type DocumentConversion = {
  readonly daemonSets: readonly Conversion[];
  /** Of the List itself, where it is one of an old version. */
  readonly listEdits: readonly Edit[];
  /** Objects that are no DaemonSets, and stay as they are. */
  readonly others: number;
};

/**
 * In the order in which they are made. What comes later sees what came before: a toleration that was taken from an
 * annotation has its taints renamed.
 */
const STEPS: readonly Step[] = [
  updateStrategy,
  selector,
  labels,
  apiVersion,
  templateGeneration,
  lastApplied,
  serviceAccount,
  nodeSelector,
];
const STEPS_ON_WHAT_ANNOTATIONS_GAVE: readonly Step[] = [nodeKeyValues, tolerations];

/** Conversion of a whole document to apps/v1. Converting the outcome again changes nothing. */
export function convertDocument(object: unknown): DocumentConversion {
  const listed = unfoldLists(object).map((each) => ({ ...each, version: versionOf(each) }));
  const daemonSets = listed.flatMap(({ object: daemonSet, path, version }) =>
    version !== undefined && isJsonObject(daemonSet) ? [at(path, convertDaemonSet(daemonSet, version))] : [],
  );
  return { daemonSets, listEdits: editsOfList(object), others: listed.length - daemonSets.length };
}

/** Conversion of one DaemonSet, whose version may be said by the List that it is an item of. */
export function convertDaemonSet(
  daemonSet: JsonObject,
  version: unknown = daemonSet['apiVersion'],
): Omit<Conversion, 'path'> {
  if (version === undefined || version === null) {
    const path = ['apiVersion'];
    return {
      edits: [],
      obstacles: [{ path, message: `is missing; for a DaemonSet write apiVersion: ${SERVED_VERSION}` }],
    };
  }
  const fatal = checkConvertible(daemonSet);
  if (fatal.length > 0) return { edits: [], obstacles: fatal };
  const conversion = new Converting(daemonSet, version);
  for (const step of STEPS) conversion.take(step);
  while (conversion.take(podAnnotation));
  for (const step of STEPS_ON_WHAT_ANNOTATIONS_GAVE) conversion.take(step);
  return conversion;
}

/** Takes steps, each on what the one before left. */
class Converting {
  readonly edits: Edit[] = [];
  readonly obstacles: Obstacle[] = [];
  /** With the version that it has, also where it does not say so itself. */
  #now: JsonObject;
  readonly #saysVersion: boolean;

  constructor(daemonSet: JsonObject, version: unknown) {
    this.#saysVersion = daemonSet['apiVersion'] !== undefined;
    this.#now = { ...daemonSet, apiVersion: version };
  }

  /** Whether there was anything to change. */
  take(step: Step): boolean {
    const { edits, obstacles = [] } = step(this.#now);
    this.#now = edits.reduce<unknown>(applyEdit, this.#now) as JsonObject;
    this.edits.push(...edits.filter(({ path: [first] }) => first !== 'apiVersion' || this.#saysVersion));
    this.obstacles.push(...obstacles);
    return edits.length > 0;
  }
}

/** The version of a DaemonSet of Kubernetes, null where it has none; undefined for what is none. */
function versionOf({ object, list }: Listed): unknown {
  if (!isJsonObject(object)) return undefined;
  const kind = object['kind'] ?? (list?.kind === 'DaemonSetList' ? 'DaemonSet' : undefined);
  if (kind !== 'DaemonSet') return undefined;
  const version = object['apiVersion'] ?? (list?.kind === 'DaemonSetList' ? list.apiVersion : undefined);
  if (version === undefined || version === null) return null;
  return isOurs(version) ? version : undefined;
}

/** Others, such as OpenKruise, have a kind of that name too. */
function isOurs(version: unknown): boolean {
  return version === SERVED_VERSION || REMOVED_VERSIONS.some((each) => each === version);
}

function editsOfList(object: unknown): readonly Edit[] {
  if (!isJsonObject(object) || object['kind'] !== 'DaemonSetList') return [];
  const version = object['apiVersion'];
  const isOld = typeof version === 'string' && version !== SERVED_VERSION && isOurs(version);
  return isOld ? [toServedVersion(version)] : [];
}

function at(path: FieldPath, { edits, obstacles }: Omit<Conversion, 'path'>): Conversion {
  return {
    path,
    edits: edits.map((edit) => ({ ...edit, path: [...path, ...edit.path] })),
    obstacles: obstacles.map((obstacle) => ({ ...obstacle, path: [...path, ...obstacle.path] })),
  };
}

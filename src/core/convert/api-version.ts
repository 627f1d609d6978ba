import { TEMPLATE_GENERATION_ANNOTATION } from '../../api/keys.ts';
import { isJsonObject, MALFORMED, readField, readObject, readString } from '../admission/untrusted.ts';
import { LAST_APPLIED_ANNOTATION, removedVersionIn, SERVED_VERSION } from '../deprecations/api-versions.ts';
import type { Edit } from './edit.ts';
import { removeAnnotation } from './remove-annotation.ts';
import { NO_CHANGES, type Step } from './step.ts';

/** Where nothing was said, this version's defaults were others than those of apps/v1. */
const EXTENSIONS = 'extensions/v1beta1';

/** Last of the steps on versions: the others ask for the old one. */
export const apiVersion: Step = ({ apiVersion: version }) =>
  typeof version !== 'string' || version === SERVED_VERSION
    ? NO_CHANGES
    : { edits: [toServedVersion(version)] };

/** Of a DaemonSet, or of a List of them. */
export function toServedVersion(version: string): Edit {
  const note = `was ${version}, which API servers have not served since 1.16`;
  return { operation: 'set', path: ['apiVersion'], value: SERVED_VERSION, note };
}

/** extensions/v1beta1 replaced pods only as they were deleted; apps/v1 replaces them at once unless told. */
export const updateStrategy: Step = (daemonSet) => {
  const strategy = readObject(daemonSet, 'spec', 'updateStrategy');
  const type = readField(daemonSet, 'spec', 'updateStrategy', 'type');
  if (daemonSet['apiVersion'] !== EXTENSIONS || strategy === MALFORMED || (type ?? '') !== '')
    return NO_CHANGES;
  const unread =
    readField(strategy, 'rollingUpdate') === undefined ? '' : '; its rollingUpdate never had an effect';
  const note = `keeps OnDelete, which ${EXTENSIONS} meant where no type is given${unread}. Set RollingUpdate to have changes rolled out`;
  return {
    edits: [
      strategy
        ? { operation: 'set', path: ['spec', 'updateStrategy', 'type'], value: 'OnDelete', at: 'start', note }
        : {
            operation: 'set',
            path: ['spec', 'updateStrategy'],
            value: { type: 'OnDelete' },
            at: 'start',
            note,
          },
    ],
  };
};

/** Made from the template's labels by extensions/v1beta1; needed, and not made, in every later version. */
export const selector: Step = (daemonSet) => {
  const labels = readObject(daemonSet, 'spec', 'template', 'metadata', 'labels');
  if (readField(daemonSet, 'spec', 'selector') !== undefined || !isJsonObject(labels)) return NO_CHANGES;
  const asBefore =
    daemonSet['apiVersion'] === EXTENSIONS
      ? `, as ${EXTENSIONS} did`
      : '; it is required, and cannot be changed later';
  return {
    edits: [
      {
        operation: 'set',
        path: ['spec', 'selector'],
        value: { matchLabels: labels },
        at: 'start',
        note: `made from the labels of the template${asBefore}`,
      },
    ],
  };
};

/** The other default of extensions/v1beta1: the DaemonSet itself got the template's labels where it had none. */
export const labels: Step = (daemonSet) => {
  const ofTemplate = readObject(daemonSet, 'spec', 'template', 'metadata', 'labels');
  const own = readObject(daemonSet, 'metadata', 'labels');
  const isDefaulted =
    daemonSet['apiVersion'] === EXTENSIONS &&
    isJsonObject(ofTemplate) &&
    (own === undefined || (own !== MALFORMED && Object.keys(own).length === 0));
  if (!isDefaulted) return NO_CHANGES;
  return {
    edits: [
      {
        operation: 'set',
        path: ['metadata', 'labels'],
        value: ofTemplate,
        note: `made from the labels of the template, as ${EXTENSIONS} did where the DaemonSet had none`,
      },
    ],
  };
};

export const templateGeneration: Step = (daemonSet) => {
  const generation = readField(daemonSet, 'spec', 'templateGeneration');
  const path = ['spec', 'templateGeneration'] as const;
  if (generation === undefined || generation === MALFORMED) return NO_CHANGES;
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation)) {
    return { edits: [], obstacles: [{ path, message: 'is not a whole number; remove it' }] };
  }
  const annotations = readObject(daemonSet, 'metadata', 'annotations');
  if (annotations === MALFORMED) return NO_CHANGES;
  const value = String(generation);
  const note = `moved here from spec.templateGeneration, where ${SERVED_VERSION} does not have it`;
  const kept: Edit = annotations
    ? { operation: 'set', path: ['metadata', 'annotations', TEMPLATE_GENERATION_ANNOTATION], value, note }
    : {
        operation: 'set',
        path: ['metadata', 'annotations'],
        value: { [TEMPLATE_GENERATION_ANNOTATION]: value },
        note,
      };
  const isThere = annotations?.[TEMPLATE_GENERATION_ANNOTATION] === value;
  const removed: Edit = {
    operation: 'remove',
    path,
    note: `removed: ${SERVED_VERSION} keeps it in the annotation ${TEMPLATE_GENERATION_ANNOTATION}`,
  };
  return { edits: isThere ? [removed] : [kept, removed] };
};

/** In a file it does nothing: kubectl writes it anew with every apply. */
export const lastApplied: Step = (daemonSet) => {
  const applied = readString(daemonSet, 'metadata', 'annotations', LAST_APPLIED_ANNOTATION);
  const version = typeof applied === 'string' ? removedVersionIn(applied) : undefined;
  if (version === undefined) return NO_CHANGES;
  return {
    edits: removeAnnotation(
      daemonSet,
      ['metadata', 'annotations'],
      LAST_APPLIED_ANNOTATION,
      `removed: kubectl's copy of a manifest in ${version}, which kubectl apply makes anew`,
    ),
  };
};

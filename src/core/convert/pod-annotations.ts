import {
  isJsonObject,
  type JsonObject,
  MALFORMED,
  readField,
  readObject,
  readString,
  readStringMap,
} from '../admission/untrusted.ts';
import { type ReplacedAnnotation, replacementOfAnnotation } from '../deprecations/annotations.ts';
import { dropAnnotation } from './remove-annotation.ts';
import { appArmorProfile, containerProfile, podProfile, seccompProfile } from './security-profiles.ts';
import { type Changes, NO_CHANGES, type Step, TEMPLATE_ANNOTATIONS, TEMPLATE_SPEC } from './step.ts';

/** The one annotation of the past that comes first; the next one is for the next time. */
export const podAnnotation: Step = (daemonSet) => {
  const annotations = readStringMap(daemonSet, ...TEMPLATE_ANNOTATIONS);
  if (annotations === undefined || annotations === MALFORMED) return NO_CHANGES;
  const obstacles: Changes['obstacles'][] = [];
  for (const [name, value] of Object.entries(annotations)) {
    const replaced = replacementOfAnnotation(name);
    if (!replaced) continue;
    const changes = TRANSLATIONS[replaced.meaning]({ daemonSet, name, value, replaced });
    if (changes.edits.length > 0) return changes;
    obstacles.push(changes.obstacles);
  }
  return { edits: [], obstacles: obstacles.flatMap((each) => each ?? []) };
};

/** One annotation of the template, and the DaemonSet that it is in. */
type Annotation = {
  readonly daemonSet: JsonObject;
  readonly name: string;
  readonly value: string;
  readonly replaced: ReplacedAnnotation;
};

type Translation = (annotation: Annotation) => Changes;

const TRANSLATIONS: Readonly<Record<ReplacedAnnotation['meaning'], Translation>> = {
  critical,
  tolerations: (annotation) => fromJson(annotation, 'tolerations', isListOfObjects, 'until 1.6'),
  affinity: (annotation) => fromJson(annotation, 'affinity', isJsonObject, 'until 1.6'),
  'init-containers': (annotation) => fromJson(annotation, 'initContainers', isListOfObjects, 'until 1.7'),
  hostname: (annotation) => toField(annotation, 'hostname', annotation.value),
  subdomain: (annotation) => toField(annotation, 'subdomain', annotation.value),
  'pod-seccomp': (annotation) => podProfile(annotation, 'seccompProfile', seccompProfile(annotation.value)),
  'container-seccomp': (annotation) =>
    containerProfile(annotation, 'seccompProfile', seccompProfile(annotation.value)),
  'container-apparmor': (annotation) =>
    containerProfile(annotation, 'appArmorProfile', appArmorProfile(annotation.value)),
};

/** It was heard in kube-system alone, and with no value; there it is what this priority class is. */
function critical({ daemonSet, name, value }: Annotation): Changes {
  const namespace = readString(daemonSet, 'metadata', 'namespace');
  const given = readField(daemonSet, ...TEMPLATE_SPEC, 'priorityClassName');
  const why =
    value !== ''
      ? 'it was heard with an empty value only'
      : namespace !== undefined && namespace !== 'kube-system'
        ? 'outside kube-system it had no effect'
        : given === undefined
          ? undefined
          : 'priorityClassName is what counts';
  if (why !== undefined) return { edits: dropAnnotation(daemonSet, name, `removed: ${why}`) };
  const path = [...TEMPLATE_SPEC, 'priorityClassName'];
  const note = `says since 1.16 what the annotation ${name} said`;
  return {
    edits: [
      { operation: 'set', path, value: 'system-node-critical', note },
      ...dropAnnotation(daemonSet, name, 'removed: now in priorityClassName'),
    ],
  };
}

function fromJson(
  annotation: Annotation,
  field: string,
  isValid: (value: unknown) => boolean,
  until: string,
): Changes {
  const value = parseJson(annotation.value);
  if (isGiven(annotation, field)) return toField(annotation, field, value);
  if (isValid(value)) return toField(annotation, field, value, until);
  const path = [...TEMPLATE_ANNOTATIONS, annotation.name];
  return {
    edits: [],
    obstacles: [
      {
        path,
        message: `is not the JSON of ${annotation.replaced.field}; write that field by hand, and remove the annotation`,
      },
    ],
  };
}

/** Where the field is given too, it is what API servers have heard ever since there was one. */
function toField(
  { daemonSet, name }: Annotation,
  field: string,
  value: unknown,
  until = 'until 1.7',
): Changes {
  const spec = readObject(daemonSet, ...TEMPLATE_SPEC);
  if (spec === undefined || spec === MALFORMED) return NO_CHANGES;
  if ((spec[field] ?? undefined) !== undefined) {
    return {
      edits: dropAnnotation(
        daemonSet,
        name,
        `removed: spec.template.spec.${field} is given, and is what counts`,
      ),
    };
  }
  const note = `taken from the annotation ${name}, which was heard ${until}`;
  const path = [...TEMPLATE_SPEC, field];
  return {
    edits: [
      { operation: 'set', path, value, note },
      ...dropAnnotation(daemonSet, name, `removed: now in ${field}`),
    ],
  };
}

function isGiven({ daemonSet }: Annotation, field: string): boolean {
  return readField(daemonSet, ...TEMPLATE_SPEC, field) !== undefined;
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isJsonObject);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

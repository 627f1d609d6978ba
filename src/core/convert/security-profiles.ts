import type { FieldPath } from '../../api/field-path.ts';
import { isJsonObject, type JsonObject, MALFORMED, readList } from '../admission/untrusted.ts';
import { dropAnnotation } from './remove-annotation.ts';
import type { Edit } from './edit.ts';
import { type Changes, TEMPLATE_ANNOTATIONS, TEMPLATE_SPEC } from './step.ts';

type Profile = { readonly type: string; readonly localhostProfile?: string };
type ProfileField = 'seccompProfile' | 'appArmorProfile';
type Named = { readonly daemonSet: JsonObject; readonly name: string };

/** The value of a seccomp annotation as the field; undefined for one that never meant anything. */
export function seccompProfile(value: string): Profile | undefined {
  return value === 'docker/default' ? { type: 'RuntimeDefault' } : profile(value);
}

export function appArmorProfile(value: string): Profile | undefined {
  return profile(value);
}

function profile(value: string): Profile | undefined {
  if (value === 'runtime/default') return { type: 'RuntimeDefault' };
  if (value === 'unconfined') return { type: 'Unconfined' };
  const [, localhostProfile] = /^localhost\/(.+)$/.exec(value) ?? [];
  return localhostProfile === undefined ? undefined : { type: 'Localhost', localhostProfile };
}

/** From an annotation on the pod to its securityContext. */
export function podProfile(annotation: Named, field: ProfileField, value: Profile | undefined): Changes {
  return toContext(annotation, [TEMPLATE_SPEC], field, value);
}

/** From an annotation that ends in a container's name to the securityContext of that container. */
export function containerProfile(
  annotation: Named,
  field: ProfileField,
  value: Profile | undefined,
): Changes {
  const container = annotation.name.slice(annotation.name.indexOf('/') + 1);
  const paths = ['containers', 'initContainers'].flatMap((list) => {
    const containers = readList(annotation.daemonSet, ...TEMPLATE_SPEC, list);
    if (containers === undefined || containers === MALFORMED) return [];
    return containers.flatMap((each, at) =>
      isJsonObject(each) && each['name'] === container ? [[...TEMPLATE_SPEC, list, at]] : [],
    );
  });
  return toContext(annotation, paths, field, value);
}

function toContext(
  { daemonSet, name }: Named,
  [holder]: readonly FieldPath[],
  field: ProfileField,
  value: Profile | undefined,
): Changes {
  const obstacle = (message: string): Changes => ({
    edits: [],
    obstacles: [{ path: [...TEMPLATE_ANNOTATIONS, name], message }],
  });
  if (!holder)
    return obstacle('is for a container that is not there; correct the name, or remove the annotation');
  if (!value) {
    return obstacle(
      `names no profile that is known: runtime/default, unconfined or localhost/…; set securityContext.${field} by hand`,
    );
  }
  const context = at(daemonSet, [...holder, 'securityContext']);
  const given = isJsonObject(context) ? context[field] : undefined;
  if (given !== undefined && given !== null) {
    return isSame(given, value)
      ? { edits: dropAnnotation(daemonSet, name, `removed: securityContext.${field} says the same`) }
      : obstacle(
          `says something else than securityContext.${field}, which is what counts; remove the annotation, or change the field`,
        );
  }
  const since = field === 'seccompProfile' ? '1.19' : '1.30';
  const note = `taken from the annotation ${name}; API servers have this field since ${since}`;
  const set: Edit = isJsonObject(context)
    ? { operation: 'set', path: [...holder, 'securityContext', field], value, note }
    : { operation: 'set', path: [...holder, 'securityContext'], value: { [field]: value }, note };
  return { edits: [set, ...dropAnnotation(daemonSet, name, `removed: now in securityContext.${field}`)] };
}

function isSame(given: unknown, { type, localhostProfile }: Profile): boolean {
  return isJsonObject(given) && given['type'] === type && given['localhostProfile'] === localhostProfile;
}

function at(object: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      Array.isArray(value) ? value[Number(step)] : isJsonObject(value) ? value[String(step)] : undefined,
    object,
  );
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Lists whose members the API server merges, and by what; every other list is replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

/**
 * The strategic merge patch that `kubectl apply` would send: the manifest, and the removal of what the manifest said
 * when it was applied last and says no longer. What others wrote stays.
 *
 * @param lastApplied the manifest of the last time; undefined where it is not known.
 */
export function applyPatch(lastApplied: unknown, manifest: unknown): unknown {
  return isObject(manifest) ? objectPatch(isObject(lastApplied) ? lastApplied : {}, manifest) : manifest;
}

function objectPatch(before: JsonObject, after: JsonObject): JsonObject {
  const removed = Object.keys(before).filter((name) => after[name] === undefined);
  return {
    ...Object.fromEntries(
      Object.entries(after).map(([name, value]) => [name, memberPatch(name, before[name], value)]),
    ),
    ...Object.fromEntries(removed.map((name) => [name, null])),
  };
}

function memberPatch(name: string, before: unknown, after: unknown): unknown {
  const key = MERGE_KEYS[name];
  if (key === undefined || !Array.isArray(after) || !Array.isArray(before)) return applyPatch(before, after);
  const old = new Map(before.filter(isObject).map((member) => [member[key], member]));
  const kept = after.map((member: unknown) =>
    isObject(member) ? objectPatch(old.get(member[key]) ?? {}, member) : member,
  );
  const names = new Set(after.filter(isObject).map((member) => member[key]));
  const removed = [...old.keys()].filter((member) => !names.has(member));
  return [...kept, ...removed.map((member) => ({ [key]: member, $patch: 'delete' }))];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

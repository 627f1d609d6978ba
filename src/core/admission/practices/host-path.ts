import { readContainers } from '../read-containers.ts';
import { isJsonObject, MALFORMED, readField, readList } from '../untrusted.ts';

/** Whether a container mounts a folder of the node so that it can write there. */
export function mountsHostPathWritable(object: unknown): boolean {
  const volumes = readList(object, 'spec', 'template', 'spec', 'volumes');
  if (volumes === undefined || volumes === MALFORMED) return false;
  const ofNode = new Set(
    volumes
      .filter((volume) => readField(volume, 'hostPath') !== undefined)
      .map((volume) => readField(volume, 'name')),
  );
  return readContainers(object).some(({ container }) => {
    const mounts = readList(container, 'volumeMounts');
    if (mounts === undefined || mounts === MALFORMED) return false;
    return mounts.some(
      (mount) => isJsonObject(mount) && ofNode.has(mount['name']) && mount['readOnly'] !== true,
    );
  });
}

import { readContainers } from '../read-containers.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readString, shown } from '../untrusted.ts';

/** `latest` is another image on each node, depending on when it was pulled, and nothing rolls back to it. */
export const imageTag: DaemonSetRule = {
  id: 'image-tag',
  level: 'off',
  check: ({ object }) =>
    readContainers(object).flatMap(({ path, container }) => {
      const image = readString(container, 'image');
      if (typeof image !== 'string' || image === '' || !isFloating(image)) return [];
      return [
        {
          path: `${path}.image`,
          message: `is ${shown(image)}, which may differ from node to node; name a version, or better a digest`,
        },
      ];
    }),
};

function isFloating(image: string): boolean {
  if (image.includes('@')) return false;
  // A colon before the last slash belongs to the registry's port.
  const [, tag] = (image.split('/').at(-1) ?? '').split(':');
  return tag === undefined || tag === 'latest';
}

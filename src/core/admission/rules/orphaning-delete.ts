import { counted } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField, readString } from '../untrusted.ts';

/** `--cascade=orphan`: the pods stay, and nothing renews, moves or removes them any more. */
export const orphaningDelete: DaemonSetRule = {
  id: 'orphaning-delete',
  level: 'warn',
  operations: ['DELETE'],
  check: ({ oldObject, options, namespace, cluster }) => {
    const orphans =
      readField(options, 'propagationPolicy') === 'Orphan' || readField(options, 'orphanDependents') === true;
    if (!orphans) return [];
    const uid = readString(oldObject, 'metadata', 'uid');
    const pods = cluster && typeof uid === 'string' ? cluster.podsOf(namespace, uid) : undefined;
    const what = pods ? counted(pods.length, 'pod') : 'its pods';
    return [
      {
        path: 'options.propagationPolicy',
        message:
          `is Orphan: ${what} will run on with nothing to manage them until a DaemonSet whose selector matches ` +
          'them adopts them; delete without --cascade=orphan to have them removed',
        brief: `is Orphan: ${what} run on unmanaged until a DaemonSet adopts them`,
      },
    ];
  },
};

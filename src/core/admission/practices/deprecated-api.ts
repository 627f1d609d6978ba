import {
  LAST_APPLIED_ANNOTATION,
  REMOVED_VERSIONS,
  removedVersionIn,
} from '../../deprecations/api-versions.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** Served no longer since 1.16: the file cannot be applied again, though the stored object lives on. */
export const deprecatedApi: DaemonSetRule = {
  id: 'deprecated-api',
  level: 'off',
  check: ({ object }) => {
    const own = readString(object, 'apiVersion');
    if (typeof own === 'string' && REMOVED_VERSIONS.includes(own)) return [problem('apiVersion', own)];
    const applied = readString(object, 'metadata', 'annotations', LAST_APPLIED_ANNOTATION);
    const version = typeof applied === 'string' ? removedVersionIn(applied) : undefined;
    return version === undefined
      ? []
      : [problem(`metadata.annotations[${LAST_APPLIED_ANNOTATION}]`, version)];
  },
};

function problem(path: string, version: string): { readonly path: string; readonly message: string } {
  return {
    path,
    message: `names ${version}, which API servers have not served since 1.16; change the manifest to apps/v1 (everynode convert -f)`,
  };
}

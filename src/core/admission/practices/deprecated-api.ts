import type { DaemonSetRule } from '../rule.ts';
import { readString } from '../untrusted.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const REMOVED = /^(?:extensions\/v1beta1|apps\/v1beta[12])$/;

/** Served no longer since 1.16: the file cannot be applied again, though the stored object lives on. */
export const deprecatedApi: DaemonSetRule = {
  id: 'deprecated-api',
  level: 'off',
  check: ({ object }) => {
    const own = readString(object, 'apiVersion');
    if (typeof own === 'string' && REMOVED.test(own)) return [problem('apiVersion', own)];
    const applied = readString(object, 'metadata', 'annotations', LAST_APPLIED);
    const [, version = ''] =
      typeof applied === 'string'
        ? (/"apiVersion":"([^"]{1,40})","kind":"DaemonSet"/.exec(applied) ?? [])
        : [];
    return REMOVED.test(version) ? [problem(`metadata.annotations[${LAST_APPLIED}]`, version)] : [];
  },
};

function problem(path: string, version: string): { readonly path: string; readonly message: string } {
  return {
    path,
    message: `names ${version}, which API servers have not served since 1.16; change the manifest to apps/v1 (everynode convert -f)`,
  };
}

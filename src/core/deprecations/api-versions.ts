/** The one version in which API servers serve DaemonSets since 1.16. */
export const SERVED_VERSION = 'apps/v1';

/** Versions of DaemonSets that they once served, and `apps/v1beta1`, which never had the kind but is met in files. */
export const REMOVED_VERSIONS: readonly string[] = ['extensions/v1beta1', 'apps/v1beta1', 'apps/v1beta2'];

/** Annotation in which kubectl keeps the manifest that was applied last, as JSON. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The removed version in which the annotation's DaemonSet was written, if it was. */
export function removedVersionIn(lastApplied: string): string | undefined {
  const [, version = ''] = /"apiVersion":"([^"]{1,40})","kind":"DaemonSet"/.exec(lastApplied) ?? [];
  return REMOVED_VERSIONS.includes(version) ? version : undefined;
}

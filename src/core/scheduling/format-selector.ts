import type { LabelSelector } from '../../api/meta.ts';

/**
 * The selector in the notation of `kubectl -l` and of the API's `labelSelector` parameter, in sorted order:
 * `app=web,tier in (a,b),!legacy`.
 */
export function formatSelector(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = values.toSorted().join(',');
    switch (operator) {
      case 'In':
        return `${key} in (${list})`;
      case 'NotIn':
        return `${key} notin (${list})`;
      case 'Exists':
        return key;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return `${key} ${operator} (${list})`;
    }
  });
  return [...labels, ...expressions].toSorted().join(',');
}

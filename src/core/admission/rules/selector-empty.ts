import { formatSelector } from '../../scheduling/format-selector.ts';
import { isEmptySelector } from '../../scheduling/label-selector.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, readStringMap, shown } from '../untrusted.ts';

/** Source: upstream `ValidateDaemonSetSpec`: a selector without requirements would select every pod. */
export const selectorEmpty: DaemonSetRule = {
  id: 'selector-empty',
  level: 'deny',
  check: ({ object }) => {
    const selector = readSelector(object, 'spec', 'selector');
    if (selector === MALFORMED || !isEmptySelector(selector)) return [];
    const labels = readStringMap(object, 'spec', 'template', 'metadata', 'labels');
    const hasLabels = labels !== undefined && labels !== MALFORMED && Object.keys(labels).length > 0;
    return [
      {
        path: 'spec.selector',
        message:
          `${selector === undefined ? 'is missing' : 'is empty'}, so the DaemonSet cannot tell its pods from ` +
          'others; set matchLabels to labels that spec.template.metadata.labels carries' +
          (hasLabels ? `, such as ${shown(formatSelector({ matchLabels: labels }))}` : ''),
      },
    ];
  },
};

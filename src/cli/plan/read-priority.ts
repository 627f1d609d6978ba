import { PRIORITY_CLASSES } from '../../api/kinds.ts';
import type { DaemonSet } from '../../api/daemonset.ts';
import { SYSTEM_PRIORITIES } from '../../core/resources/priority.ts';
import type { Reader } from '../reader.ts';

type RawPriorityClass = { readonly value: number; readonly preemptionPolicy?: string };

/** The priority with which a DaemonSet's pods evict others; undefined where they evict nobody, or it is not known. */
export async function readPriority({ spec }: DaemonSet, reader: Reader): Promise<number | undefined> {
  const name = spec.template.spec?.['priorityClassName'];
  if (typeof name !== 'string' || name === '') return 0;
  const known = SYSTEM_PRIORITIES.get(name);
  if (known !== undefined) return known;
  const found = await reader.get<RawPriorityClass>(PRIORITY_CLASSES, { namespace: '', name });
  return found && found.preemptionPolicy !== 'Never' ? found.value : undefined;
}

import { MALFORMED, readString } from '../admission/untrusted.ts';
import { NO_CHANGES, type Step, TEMPLATE_SPEC } from './step.ts';

/** The old name of the field, which is heard where the new one is not given. */
export const serviceAccount: Step = (daemonSet) => {
  const old = readString(daemonSet, ...TEMPLATE_SPEC, 'serviceAccount');
  const name = readString(daemonSet, ...TEMPLATE_SPEC, 'serviceAccountName');
  if (old === undefined || old === MALFORMED || name === MALFORMED) return NO_CHANGES;
  const path = [...TEMPLATE_SPEC, 'serviceAccount'];
  if (name === undefined) {
    return {
      edits: [
        {
          operation: 'rename',
          path,
          to: 'serviceAccountName',
          note: 'renamed to serviceAccountName, its name of today',
        },
      ],
    };
  }
  const why = name === old ? 'says the same' : 'is the one that counts where both are given';
  return { edits: [{ operation: 'remove', path, note: `removed: serviceAccountName ${why}` }] };
};

import { describe, expect, it } from 'vitest';
import { checkDaemonSet } from '../../../../src/core/admission/check-daemonset.ts';
import { orphaningDelete } from '../../../../src/core/admission/rules/orphaning-delete.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { pod } from '../../../builders/pod.ts';
import { deletionOf } from './daemonset-change.ts';

const cluster = clusterOf({ pods: [pod('demo-1', { on: 'n1' }), pod('demo-2', { on: 'n2' })] });

function judge(options: unknown): readonly string[] {
  const change = deletionOf(daemonSet(), { options, cluster });
  return checkDaemonSet(change, {}, [orphaningDelete]).map(({ level, message }) => `${level} ${message}`);
}

describe('rule orphaning-delete', () => {
  it.each([{ propagationPolicy: 'Orphan' }, { orphanDependents: true }])('warns of %j', (options) => {
    expect(judge(options)).toEqual([expect.stringContaining('warn is Orphan: 2 pods will run on')]);
  });

  it.each([undefined, null, {}, { propagationPolicy: 'Background' }, { orphanDependents: false }, 7])(
    'has nothing against %j',
    (options) => {
      expect(judge(options)).toEqual([]);
    },
  );

  it('speaks without numbers where the cluster is not known', () => {
    const change = deletionOf(daemonSet(), { options: { propagationPolicy: 'Orphan' } });
    expect(orphaningDelete.check(change)[0]?.message).toContain('its pods will run on');
  });
});

import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../../src/api/daemonset.ts';
import type { StringMap } from '../../../../src/api/meta.ts';
import { checkDaemonSet } from '../../../../src/core/admission/check-daemonset.ts';
import { deletionProtected } from '../../../../src/core/admission/rules/deletion-protected.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { creationOf, deletionOf } from './daemonset-change.ts';

function labelled(labels: StringMap, metadata: object = {}): DaemonSet {
  const stored = daemonSet();
  return { ...stored, metadata: { ...stored.metadata, labels, ...metadata } };
}

const PROTECTED = { 'everynode.dev/protected': 'true' };

describe('rule deletion-protected', () => {
  it('denies the deletion of what is labelled, and says how to take the label off', () => {
    const [violation] = checkDaemonSet(deletionOf(labelled(PROTECTED)), {}, [deletionProtected]);
    expect(violation).toMatchObject({ level: 'deny', path: 'metadata.labels[everynode.dev/protected]' });
    expect(violation?.message).toContain('kubectl label daemonset <name> everynode.dev/protected-');
  });

  it('lets everything else go', () => {
    const judge = (stored: DaemonSet): unknown => checkDaemonSet(deletionOf(stored), {}, [deletionProtected]);
    expect(judge(labelled({}))).toEqual([]);
    expect(judge(labelled({ 'everynode.dev/protected': 'false' }))).toEqual([]);
    expect(judge(labelled(PROTECTED, { deletionTimestamp: '2026-01-01T00:00:00Z' }))).toEqual([]);
    expect(checkDaemonSet(creationOf(labelled(PROTECTED)), {}, [deletionProtected])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { daemonSet } from '../../builders/daemonset.ts';
import { planFor } from '../../builders/plan.ts';

describe('the name of a revision', () => {
  it.each([243, 253])(
    '§9.1.15 a DaemonSet whose name has %d characters gets a revision that the server takes',
    (length) => {
      const plan = planFor({ daemonSet: daemonSet({ name: 'd'.repeat(length) }), revisions: [] });
      const [action] = plan.history;
      expect(action?.kind === 'createRevision' && action.manifest.name.length).toBeLessThanOrEqual(253);
    },
  );

  it('ends with the hash, and where it was cut not with a dot before that', () => {
    const name = `${'d'.repeat(240)}..x${'y'.repeat(10)}`;
    const [action] = planFor({ daemonSet: daemonSet({ name }), revisions: [] }).history;
    const manifest = action?.kind === 'createRevision' ? action.manifest : undefined;
    expect(manifest?.name).toMatch(new RegExp(`^d+[^.]*-${manifest?.labels['controller-revision-hash']}$`));
  });
});

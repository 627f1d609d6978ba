import { describe, expect, it } from 'vitest';
import { troubleOf, type TroubleStatus } from '../../../src/core/records/trouble.ts';

const waiting = (reason: string): TroubleStatus => ({
  containerStatuses: [{ ready: false, restartCount: 0, state: { waiting: { reason } } }],
});
const crashed = { terminated: { reason: 'Error', exitCode: 1 } };

describe('the trouble of a pod', () => {
  it.each<[string, TroubleStatus | undefined, string | undefined]>([
    ['nothing is known', undefined, undefined],
    ['it is being made', waiting('ContainerCreating'), undefined],
    ['its init containers run', waiting('PodInitializing'), undefined],
    ['its image cannot be pulled', waiting('ImagePullBackOff'), 'ImagePullBackOff'],
    ['its image could not be pulled just now', waiting('ErrImagePull'), 'ImagePullBackOff'],
    ['its configuration is missing', waiting('CreateContainerConfigError'), 'CreateContainerConfigError'],
    [
      'no node has room',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      'Unschedulable',
    ],
    ['it is scheduled', { conditions: [{ type: 'PodScheduled', status: 'True' }] }, undefined],
    ['the kubelet refused it', { phase: 'Failed', reason: 'OutOfcpu' }, 'OutOfcpu'],
    ['it failed without a word', { phase: 'Failed' }, 'Failed'],
    [
      'an init container crashes',
      { initContainerStatuses: [{ restartCount: 3, state: crashed }] },
      'CrashLoopBackOff',
    ],
    [
      'a container runs that is not ready yet',
      { containerStatuses: [{ ready: false, restartCount: 0 }] },
      undefined,
    ],
  ])('when %s', (_, status, expected) => {
    expect(troubleOf(status)).toBe(expected);
  });

  it('stays the same through the turns of a crash loop', () => {
    const turns = [
      { state: crashed },
      { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: crashed },
      { state: {}, lastState: crashed },
    ];
    const seen = turns.map((turn) =>
      troubleOf({ containerStatuses: [{ ready: false, restartCount: 4, ...turn }] }),
    );
    expect(seen).toEqual(['CrashLoopBackOff', 'CrashLoopBackOff', 'CrashLoopBackOff']);
  });

  it('is not a restart after a long run, as that of its node', () => {
    const after = (finishedAt: string): string | undefined => {
      const terminated = { reason: 'Unknown', exitCode: 255, startedAt: '2026-11-01T10:00:00Z', finishedAt };
      return troubleOf({
        containerStatuses: [{ ready: false, restartCount: 3, state: {}, lastState: { terminated } }],
      });
    };
    expect(after('2026-11-20T10:00:00Z')).toBeUndefined();
    expect(after('2026-11-01T10:09:59Z')).toBe('CrashLoopBackOff');
  });

  it('is not one restart, and not a container that ended well', () => {
    expect(
      troubleOf({ containerStatuses: [{ restartCount: 1, state: {}, lastState: crashed }] }),
    ).toBeUndefined();
    const ended = { terminated: { reason: 'Completed', exitCode: 0 } };
    expect(troubleOf({ initContainerStatuses: [{ restartCount: 5, state: ended }] })).toBeUndefined();
  });

  it('is that of the container that is not ready', () => {
    const fine = { ready: true, restartCount: 7, lastState: crashed };
    expect(
      troubleOf({ containerStatuses: [fine, { ready: false, state: { waiting: { reason: 'X' } } }] }),
    ).toBe('X');
  });
});

import { MALFORMED, type Read, readField, readString } from './untrusted.ts';

/** What a DaemonSet as it was sent says of its rollouts; absent parts are filled in as the API server does. */
export type RawRollout = {
  readonly type: Read<string>;
  readonly maxUnavailable: unknown;
  readonly maxSurge: unknown;
};

/** Source: upstream `SetDefaults_DaemonSet`: maxUnavailable is 1 also where only maxSurge is given. */
export function readRollout(object: unknown): RawRollout {
  const type = readString(object, 'spec', 'updateStrategy', 'type');
  const limit = (name: string): unknown => readField(object, 'spec', 'updateStrategy', 'rollingUpdate', name);
  return {
    type: type === MALFORMED ? type : type || 'RollingUpdate',
    maxUnavailable: limit('maxUnavailable') ?? 1,
    maxSurge: limit('maxSurge') ?? 0,
  };
}

/** Whether a limit, a number or a percentage, allows any node at all. */
export function allowsAny(limit: unknown): boolean {
  if (limit === MALFORMED) return false;
  return typeof limit === 'string' ? !/^0*%$/.test(limit) : limit !== 0;
}

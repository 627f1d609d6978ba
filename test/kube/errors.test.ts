import { describe, expect, it } from 'vitest';
import {
  ApiError,
  hasCause,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNotFound,
  UnreachableError,
} from '../../src/kube/errors.ts';

const GUARDS = { isAlreadyExists, isConflict, isForbidden, isGone, isInvalid, isNotFound };

const answers: Record<string, [status: number, reason: string, guards: readonly (keyof typeof GUARDS)[]]> = {
  Forbidden: [403, 'Forbidden', ['isForbidden']],
  NotFound: [404, 'NotFound', ['isNotFound']],
  AlreadyExists: [409, 'AlreadyExists', ['isAlreadyExists']],
  Conflict: [409, 'Conflict', ['isConflict']],
  'Conflict without a reason': [409, '', ['isConflict']],
  Expired: [410, 'Expired', ['isGone']],
  Gone: [410, 'Gone', ['isGone']],
  Invalid: [422, 'Invalid', ['isInvalid']],
  TooManyRequests: [429, 'TooManyRequests', []],
  InternalError: [500, 'InternalError', []],
};

function holding(error: unknown): readonly string[] {
  return Object.entries(GUARDS)
    .filter(([, guard]) => guard(error))
    .map(([name]) => name);
}

it.each(Object.entries(answers))('%s', (_, [status, reason, guards]) => {
  expect(holding(new ApiError({ status, reason, message: 'no' }))).toEqual(guards);
});

it.each([new UnreachableError('no'), new Error('409'), { status: 404 }, undefined, null, 'NotFound'])(
  'no guard takes %s for an answer',
  (error) => {
    expect(holding(error)).toEqual([]);
    expect(hasCause(error, 'NotFound')).toBe(false);
  },
);

describe('hasCause', () => {
  const error = new ApiError({
    status: 403,
    message: 'no',
    causes: [{ field: 'metadata.namespace' }, { reason: 'NamespaceTerminating' }],
  });

  it('knows each cause of the Status', () => {
    expect(hasCause(error, 'NamespaceTerminating')).toBe(true);
    expect(hasCause(error, 'Forbidden')).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { EXIT, UsageError } from '../../src/cli/exit-codes.ts';
import { formatFailure } from '../../src/cli/failure.ts';
import { KubeconfigError } from '../../src/kube/cluster.ts';
import { ApiError, UnreachableError } from '../../src/kube/errors.ts';
import { LeaseLostError } from '../../src/kube/lease.ts';
import { LocalClusterError } from '../../src/localcluster/errors.ts';
import { AnotherControllerError } from '../../src/syncloop/probe.ts';
import { BindError } from '../../src/telemetry/bind-error.ts';

const refused = (status: number): ApiError => new ApiError({ status, message: 'you may not' });

describe('formatFailure', () => {
  it.each([
    ['a flag or manifest', new UsageError('say it otherwise'), EXIT.usage],
    ['a kubeconfig', new KubeconfigError('there is no context "x"'), EXIT.usage],
    ['an address to listen on', new BindError('cannot listen there'), EXIT.usage],
    ['another controller', new AnotherControllerError('it answered'), EXIT.prevented],
    ['a server that is silent', new UnreachableError('no answer within 30 s'), EXIT.failure],
    ['a server that refuses', refused(403), EXIT.failure],
    ['a server in trouble', refused(500), EXIT.failure],
    ['a lost Lease', new LeaseLostError('lost it'), EXIT.failure],
    ['a local cluster', new LocalClusterError('etcd ended'), EXIT.failure],
    ['a fault of ours', new TypeError('x is undefined'), EXIT.failure],
  ])('%s', (_, error, exitCode) => {
    expect(formatFailure(error)).toEqual({ message: `everynode: ${error.message}`, exitCode });
  });

  it('says that it is the credentials which the server does not take', () => {
    expect(formatFailure(refused(401))).toEqual({
      message: 'everynode: you may not (the API server refused the credentials of this kubeconfig)',
      exitCode: EXIT.usage,
    });
  });

  it.each([
    ['a text', 'odd', 'everynode: odd'],
    ['nothing', undefined, 'everynode: undefined'],
    ['an object that looks like a refusal', { name: 'ApiError', status: 401 }, 'everynode: [object Object]'],
  ])('takes %s that was thrown for what it is', (_, thrown, message) => {
    expect(formatFailure(thrown)).toEqual({ message, exitCode: EXIT.failure });
  });
});

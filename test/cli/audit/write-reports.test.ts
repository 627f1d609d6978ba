import { describe, expect, test } from 'vitest';
import { writeReports } from '../../../src/cli/audit/write-reports.ts';
import { reportOf } from '../../../src/core/audit/report.ts';
import type { FakeApiServer } from '../../fakes/api-server.ts';
import { connect } from '../../kube/harness.ts';

const COLLECTION = '/apis/openreports.io/v1alpha1';
const HUNDRED = Array.from({ length: 100 }, (_, index) => `r${index}`);
const NOTHING_FOUND = reportOf([], { judged: {}, notRead: [] }, new Set());

const deletionOf = (name: string): string => `DELETE ${COLLECTION}/namespaces/apps/reports/${name}`;

/** These reports, of nothing that is there. */
function listed(server: FakeApiServer, names: readonly string[]): void {
  const items = names.map((name) => ({ metadata: { name, namespace: 'apps' } }));
  server.on(`GET ${COLLECTION}/reports`, (exchange) => exchange.answer({ metadata: {}, items }));
}

/** Three reports of nothing that is there; the first deletion is answered so, the others succeed. */
function stale(server: FakeApiServer, code: number, status: { reason: string; message: string }): void {
  listed(server, ['a', 'b', 'c']);
  server.on(deletionOf('a'), (exchange) => exchange.refuse(code, status));
  for (const name of ['b', 'c']) server.on(deletionOf(name), (exchange) => exchange.answer({}));
}

const deletions = ({ requests }: FakeApiServer): readonly string[] =>
  requests.map(({ route }) => route).filter((route) => route.startsWith('DELETE'));

describe('deleting reports of what is no more', () => {
  test.each([
    ['is gone already', 404, 'reports.openreports.io "a" not found', undefined],
    ['is refused', 403, 'a is denied', 'apps/a: a is denied'],
  ])('goes on where one %s', async (_, code, message, refused) => {
    const { server, client } = await connect();
    stale(server, code, { reason: 'Whatever', message });
    expect(await writeReports(client, NOTHING_FOUND, { api: 'openreports', now: 0 })).toBe(refused);
    expect(deletions(server)).toEqual(['a', 'b', 'c'].map(deletionOf));
  });

  test('ends where the server is in trouble', async () => {
    const { server, client } = await connect();
    stale(server, 503, { reason: 'ServiceUnavailable', message: 'etcd is away' });
    const written = writeReports(client, NOTHING_FOUND, { api: 'openreports', now: 0 });
    await expect(written).rejects.toThrow('etcd is away');
    expect(deletions(server)).toEqual([deletionOf('a')]);
  });

  test('asks once where none may be deleted', async () => {
    const { server, client } = await connect();
    const message = 'reports.openreports.io "a" is forbidden: User "u" cannot delete resource "reports"';
    stale(server, 403, { reason: 'Forbidden', message });
    const refused = await writeReports(client, NOTHING_FOUND, { api: 'openreports', now: 0 });
    expect(refused).toBe(`apps/a, apps/b, apps/c: ${message}`);
    expect(deletions(server)).toEqual([deletionOf('a')]);
  });

  test('takes a few at once, and tells how far it is', async () => {
    const { server, client } = await connect();
    listed(server, HUNDRED);
    let most = 0;
    let waiting: (() => void)[] = [];
    for (const name of HUNDRED) {
      server.on(deletionOf(name), (exchange) => {
        waiting.push(() => exchange.answer({}));
        most = Math.max(most, waiting.length);
        setTimeout(() => {
          for (const answer of waiting) answer();
          waiting = [];
        }, 20);
      });
    }
    const told: string[] = [];
    await writeReports(client, NOTHING_FOUND, { api: 'openreports', now: 0 }, (done, all) =>
      told.push(`${done} of ${all}`),
    );
    expect(deletions(server).toSorted()).toEqual(HUNDRED.map(deletionOf).toSorted());
    expect(told).toEqual(HUNDRED.map((_, index) => `${index + 1} of 100`));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  test('begins no others when the server is in trouble on the way', async () => {
    const { server, client } = await connect();
    listed(server, HUNDRED);
    for (const name of HUNDRED) {
      server.on(deletionOf(name), (exchange) =>
        name === 'r0'
          ? exchange.answer({})
          : exchange.refuse(503, { reason: 'ServiceUnavailable', message: 'etcd is away' }),
      );
    }
    const written = writeReports(client, NOTHING_FOUND, { api: 'openreports', now: 0 });
    await expect(written).rejects.toThrow('etcd is away');
    expect(deletions(server).length).toBeLessThanOrEqual(9);
  });
});

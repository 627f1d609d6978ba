import { describe, expect, it } from 'vitest';
import { PODS } from '../../src/api/kinds.ts';
import { Reader } from '../../src/cli/reader.ts';
import type { Client, ListOptions } from '../../src/kube/client.ts';
import { ApiError, UnreachableError } from '../../src/kube/errors.ts';

type Answer = { readonly items?: readonly string[]; readonly next?: string; readonly error?: Error };

/** A client that gives these answers, one after the other, and keeps what it was asked. */
function scripted(...answers: readonly Answer[]): { reader: Reader; asked: (ListOptions | undefined)[] } {
  const asked: (ListOptions | undefined)[] = [];
  const queue = [...answers];
  const answer = async (): Promise<unknown> => {
    const { items = [], next, error } = queue.shift() ?? {};
    if (error) throw error;
    return { metadata: { resourceVersion: '1', ...(next && { continue: next }) }, items };
  };
  const client = {
    get: answer,
    list: (_: unknown, options?: ListOptions) => {
      asked.push(options);
      return answer();
    },
  } as unknown as Pick<Client, 'get' | 'list'>;
  return { reader: new Reader(client), asked };
}

const api = (status: number): ApiError => new ApiError({ status, message: `status ${status}` });
const same = (raw: string): string => raw;

describe('the reader', () => {
  it('asks for pages of 500 until there is none', async () => {
    const { reader, asked } = scripted({ items: ['a', 'b'], next: 'more' }, { items: ['c'] });
    expect(await reader.list(PODS, { namespace: 'n' }, same)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([
      { namespace: 'n', limit: 500 },
      { namespace: 'n', limit: 500, continue: 'more' },
    ]);
  });

  it('begins again when its pages are too old, without what it had', async () => {
    const { reader } = scripted({ items: ['a'], next: 'more' }, { error: api(410) }, { items: ['b'] });
    expect(await reader.list(PODS, {}, same)).toEqual(['b']);
  });

  it('keeps what it may not read, once, and goes on', async () => {
    const { reader } = scripted({ error: api(403) }, { error: api(403) }, { items: ['a'] });
    expect(await reader.list(PODS, { namespace: 'n' }, same)).toBeUndefined();
    expect(await reader.get(PODS, { namespace: 'n', name: 'x' })).toBeUndefined();
    expect(reader.notRead).toEqual([{ what: 'pods of n', why: 'status 403' }]);
    expect(await reader.list(PODS, {}, same)).toEqual(['a']);
  });

  it('takes a selector that is none for a mistake in the command', async () => {
    const { reader } = scripted({ error: api(400) });
    await expect(reader.list(PODS, { labelSelector: 'a in (' }, same)).rejects.toThrow(
      '--selector a in (: status 400',
    );
  });

  it('tells what is not there from what it may not read', async () => {
    const { reader } = scripted({ error: api(404) });
    expect(await reader.get(PODS, { namespace: 'n', name: 'x' })).toBeNull();
    expect(reader.notRead).toEqual([]);
  });

  it.each([api(401), new UnreachableError('no answer')])('gives up at %s', async (error) => {
    const { reader } = scripted({ error });
    await expect(reader.list(PODS, {}, same)).rejects.toBe(error);
  });
});

import { ApiError } from '../../../src/kube/errors.ts';
import type { Transport } from '../../../src/kube/transport.ts';

const SIDE_BY_SIDE = 16;
/** Before anything is looked at more closely. */
const UNREADABLE = /strict decoding error|cannot be handled as|unable to (?:decode|parse)/;

/** For each object, why the API server cannot read it as a DaemonSet; what it would make of it is another matter. */
export async function unreadable(
  transport: Transport,
  objects: readonly unknown[],
): Promise<readonly (string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  const queue = [...objects.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift())
      answers[next[0]] = await whyUnreadable(transport, next[1]);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return answers;
}

async function whyUnreadable(transport: Transport, body: unknown): Promise<string | undefined> {
  const path = '/apis/apps/v1/namespaces/default/daemonsets';
  try {
    await transport.request({
      method: 'POST',
      path,
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return UNREADABLE.test(error.message) ? error.message : undefined;
  }
}

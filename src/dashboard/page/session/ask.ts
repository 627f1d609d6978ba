import type { Refusal } from '../../wire.ts';
import { capitalised } from '../text.ts';

/** An answer over 399, or none at all (`status` 0). */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same may be answered later: nothing is wrong with what was asked. */
  get isOfServer(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Where a path of the wire is: below the address of the page, wherever that is. */
export function addressOf(path: string, query: Readonly<Record<string, string>> = {}): string {
  const address = new URL(`.${path}`, document.baseURI);
  address.hash = '';
  address.search = new URLSearchParams(query).toString();
  return address.href;
}

/**
 * Asks the server.
 *
 * @throws Refused
 */
export async function ask<Answer>(address: string, init: RequestInit = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refused(0, 'everynode does not answer.');
  }
  if (!response.ok) throw new Refused(response.status, await reasonOf(response));
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** Refusals begin small and end without a full stop, as errors of a command line do. */
function asSentence(error: string): string {
  return `${capitalised(error)}${/[.!?]$/.test(error) ? '' : '.'}`;
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as Partial<Refusal>;
    if (typeof error === 'string' && error !== '') return asSentence(error);
  } catch {
    // A proxy between may answer with anything.
  }
  return `The answer was HTTP ${response.status}.`;
}

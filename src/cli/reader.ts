import type { ObjectKey } from '../api/meta.ts';
import type { ResourceKind } from '../api/kinds.ts';
import type { NotRead } from '../core/doctor/evidence.ts';
import type { Client, List } from '../kube/client.ts';
import { ApiError, isGone, isNotFound } from '../kube/errors.ts';
import { UsageError } from './exit-codes.ts';

const PAGE = 500;

type Where = { readonly namespace?: string; readonly labelSelector?: string };

/**
 * Reads what it may. What the API server refuses is kept in `notRead`, and the answer is undefined; what it does
 * not answer at all is thrown.
 */
export class Reader {
  readonly #client: Pick<Client, 'get' | 'list'>;
  readonly #notRead = new Map<string, NotRead>();

  constructor(client: Pick<Client, 'get' | 'list'>) {
    this.#client = client;
  }

  get notRead(): readonly NotRead[] {
    return [...this.#notRead.values()];
  }

  /**
   * Every object, in pages; of each only what `project` keeps.
   *
   * @throws UsageError for a selector that is none.
   */
  async list<T>(
    kind: ResourceKind,
    where: Where,
    project: (raw: never) => T,
  ): Promise<readonly T[] | undefined> {
    const { labelSelector } = where;
    return this.#try(whatOf(kind, where.namespace), async () => {
      try {
        return await this.#pages(kind, where, project);
      } catch (error) {
        if (labelSelector !== undefined && error instanceof ApiError && error.status === 400) {
          throw new UsageError(`--selector ${labelSelector}: ${error.message}`, { cause: error });
        }
        if (!isGone(error)) throw error;
        // The pages took longer than the API server keeps them; once more from the first.
        return this.#pages(kind, where, project);
      }
    });
  }

  /** Whether it may list them, everywhere; where not, that is kept. */
  async mayList(kind: ResourceKind): Promise<boolean> {
    const found = await this.#try(whatOf(kind), () => this.#client.list(kind, { limit: 1 }));
    return found !== undefined;
  }

  /** The object, `null` where there is none, or undefined where it may not be read. */
  async get<T>(kind: ResourceKind, key: ObjectKey): Promise<T | null | undefined> {
    return this.#try(whatOf(kind, key.namespace), async () => {
      try {
        return await this.#client.get<T>(kind, key);
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    });
  }

  async #pages<T>(kind: ResourceKind, where: Where, project: (raw: never) => T): Promise<readonly T[]> {
    const kept: T[] = [];
    let next: string | undefined;
    do {
      const page: List<never> = await this.#client.list<never>(kind, {
        ...where,
        limit: PAGE,
        ...(next !== undefined && { continue: next }),
      });
      for (const item of page.items) kept.push(project(item));
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    return kept;
  }

  async #try<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      // Without a login nothing can be read, and the whole command has failed.
      if (!(error instanceof ApiError) || error.status === 401) throw error;
      this.#notRead.set(what, { what, why: error.message });
      return undefined;
    }
  }
}

function whatOf({ plural }: ResourceKind, namespace = ''): string {
  return namespace === '' ? plural : `${plural} of ${namespace}`;
}

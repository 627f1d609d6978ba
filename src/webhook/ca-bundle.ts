import {
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type ResourceKind,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../api/kinds.ts';
import type { Client } from '../kube/client.ts';
import { isConflict, isForbidden, isNotFound } from '../kube/errors.ts';
import { createInformer, type Informer } from '../kube/informer.ts';
import { WakeLoop } from '../kube/wake-loop.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HeldFor } from '../tls/rotation.ts';
import type { Publication } from '../tls/source.ts';
import { bundleFor, hasBundle, liveConfiguration, type LiveConfiguration, TrustRecord } from './trust.ts';
import { type EntryOptions, webhookConfigurations } from './webhook-entries.ts';

/** What of the two configurations we write: nothing, each entry's caBundle, or all of it. */
export type Registration =
  | { readonly write: 'none' | 'ca-bundle' }
  | { readonly write: 'all'; readonly options: Omit<EntryOptions, 'ca' | 'name'> };

export type CaBundlesOptions = {
  readonly client: Client;
  readonly logger: Logger;
  /** Of both configurations. */
  readonly name: string;
  readonly registration: Registration;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

const KINDS = [MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS] as const;
/** For the whole of a configuration, and for the caBundles alone. */
const FIELD_MANAGERS = { all: 'everynode', 'ca-bundle': 'everynode-ca' } as const;
/** After a write that somebody else got ahead of, should the watch not tell of theirs. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Keeps the caBundles of the two WebhookConfigurations right, and knows what is in them, by a watch on each. All
 * replicas may do so at once: what they write only adds, and only to the version that they have seen.
 */
export class CaBundles implements Publication {
  readonly #options: CaBundlesOptions;
  readonly #informers: readonly Informer<LiveConfiguration>[];
  readonly #trust = new TrustRecord();
  readonly #listeners: (() => void)[] = [];
  readonly #loop: WakeLoop;
  #wanted = '';
  #isFollowing = false;
  #isMissed = false;
  /** We may not look at the configurations. */
  #isBlind = false;

  constructor(options: CaBundlesOptions) {
    const { client, logger, name } = options;
    this.#options = options;
    this.#informers = KINDS.map((kind) =>
      createInformer<LiveConfiguration>({
        client,
        logger,
        kind,
        fieldSelector: `metadata.name=${name}`,
        project: liveConfiguration,
      }),
    );
    this.#loop = new WakeLoop({ act: () => this.#act(), onFailure: (error) => this.#complain(error) });
  }

  readonly publish = (ca: string): void => {
    if (ca === this.#wanted) return;
    this.#wanted = ca;
    if (this.#isBlind) this.#assume();
    this.#loop.wake();
  };

  readonly heldFor: HeldFor = (fingerprint) => this.#trust.heldFor(fingerprint, performance.now());

  readonly onChange = (listener: () => void): void => {
    this.#listeners.push(listener);
  };

  /**
   * Writes both configurations now, if they are ours to write whole.
   *
   * @throws ApiError when that is refused.
   */
  async register(ca: string): Promise<void> {
    this.#wanted = ca;
    if (this.#options.registration.write !== 'all') return;
    for (const index of KINDS.keys()) await this.#write(index, await this.#read(index));
  }

  /** Until the signal is aborted. Rejects never. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#options.registration.write === 'none' && (await this.#isForbidden(signal))) {
      this.#isBlind = true;
      this.#assume();
      return;
    }
    for (const informer of this.#informers) informer.onChange(() => this.#observe());
    const follow = (): void => {
      this.#isFollowing = true;
      this.#observe();
    };
    void Promise.all(this.#informers.map(({ synced }) => synced)).then(follow);
    await Promise.all([...this.#informers.map((informer) => informer.run(signal)), this.#loop.run(signal)]);
  }

  async #isForbidden(signal: AbortSignal): Promise<boolean> {
    try {
      for (const index of KINDS.keys()) await this.#read(index, signal);
      return false;
    } catch (error) {
      return isForbidden(error);
    }
  }

  /** Who cannot look takes it that whoever writes the caBundles does so as soon as there is something to write. */
  #assume(): void {
    const entries = [{ name: '', caBundle: this.#wanted }];
    this.#trust.observe([{ name: '', uid: '', resourceVersion: '', entries }], performance.now());
    for (const listener of this.#listeners) listener();
  }

  #observe(): void {
    if (!this.#isFollowing) return;
    this.#trust.observe(
      this.#informers.map((_, index) => this.#live(index)),
      performance.now(),
    );
    for (const listener of this.#listeners) listener();
    this.#loop.wake();
  }

  #live(index: number): LiveConfiguration | undefined {
    return this.#informers[index]?.store.list()[0];
  }

  async #act(): Promise<number> {
    const { registration, logger, name } = this.#options;
    if (!this.#isFollowing || this.#wanted === '' || registration.write === 'none') return Infinity;
    for (const index of KINDS.keys()) {
      const live = this.#live(index);
      if (this.#isRight(index, live)) continue;
      try {
        await this.#write(index, live);
      } catch (error) {
        if (!isConflict(error)) throw error;
        logger.debug({ kind: KINDS[index]?.kind, name }, 'somebody else wrote first');
        return LOOK_AGAIN_MS;
      }
    }
    // The time comes when an authority has ended.
    return Infinity;
  }

  #isRight(index: number, live: LiveConfiguration | undefined): boolean {
    const { registration } = this.#options;
    if (live) return hasBundle(live, this.#bundleFor(live), this.#namesOfEntries(index));
    if (registration.write === 'all') return false;
    this.#noteMissing();
    return true;
  }

  #noteMissing(): void {
    if (this.#isMissed) return;
    this.#isMissed = true;
    const { logger, name } = this.#options;
    logger.info(
      { configuration: name },
      'a WebhookConfiguration does not exist yet; its caBundle is written as soon as it does',
    );
  }

  #bundleFor(live: LiveConfiguration | undefined): string {
    return bundleFor(live, this.#wanted, this.#options.now());
  }

  #namesOfEntries(index: number): readonly string[] {
    const { webhooks = [] } = (this.#whole(index, '') ?? {}) as {
      webhooks?: readonly { readonly name: string }[];
    };
    return webhooks.map(({ name }) => name);
  }

  /** The configuration as it is applied by whoever writes it whole. */
  #whole(index: number, ca: string): object | undefined {
    const { registration, name } = this.#options;
    return registration.write === 'all'
      ? webhookConfigurations({ ...registration.options, ca, name })[index]
      : undefined;
  }

  async #write(index: number, live: LiveConfiguration | undefined): Promise<void> {
    const { client, logger, name, registration } = this.#options;
    const kind = KINDS[index];
    if (!kind || registration.write === 'none') return;
    const bundle = this.#bundleFor(live);
    const whole = this.#whole(index, bundle) ?? (live && caBundlesOnly(kind, live, bundle));
    if (!whole) return;
    const applied = live ? withVersion(whole, live) : whole;
    const fieldManager = FIELD_MANAGERS[registration.write];
    await client.patch(kind, { name }, applied, { type: 'apply', fieldManager, force: true });
    logger.info({ kind: kind.kind, name }, 'wrote the caBundle of the webhooks');
  }

  async #read(index: number, signal?: AbortSignal): Promise<LiveConfiguration | undefined> {
    const { client, name } = this.#options;
    const kind = KINDS[index];
    if (!kind) return undefined;
    try {
      return liveConfiguration(await client.get<unknown>(kind, { name }, signal));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #complain(error: unknown): void {
    const { logger, name } = this.#options;
    logger.error(
      { err: error },
      isForbidden(error)
        ? `the caBundle of the webhooks may not be written by us; allow get, list, watch and patch on the two WebhookConfigurations ${name}, or choose --register none`
        : 'the caBundle of the webhooks could not be written; trying again',
    );
  }
}

/** The resourceVersion lets it fail when somebody wrote since, and never create what was deleted. */
function withVersion(configuration: object, { resourceVersion }: LiveConfiguration): object {
  const { metadata } = configuration as { metadata?: object };
  return { ...configuration, metadata: { ...metadata, resourceVersion } };
}

function caBundlesOnly(
  { apiVersion, kind }: ResourceKind,
  { name, entries }: LiveConfiguration,
  bundle: string,
): object {
  const caBundle = Buffer.from(bundle).toString('base64');
  const webhooks = entries.map((entry) => ({ name: entry.name, clientConfig: { caBundle } }));
  return { apiVersion, kind, metadata: { name }, webhooks };
}

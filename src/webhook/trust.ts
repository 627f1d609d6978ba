import { fingerprintsOf, unite } from '../tls/bundle.ts';

/** What we look at in one of the two WebhookConfigurations. */
export type LiveConfiguration = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** PEM; empty where there is none. */
  readonly entries: readonly { readonly name: string; readonly caBundle: string }[];
};

type RawConfiguration = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig?: { readonly caBundle?: string };
  }[];
};

export function liveConfiguration(raw: unknown): LiveConfiguration {
  const { metadata, webhooks = [] } = raw as RawConfiguration;
  const { name, uid, resourceVersion } = metadata;
  const entries = webhooks.map((webhook) => ({
    name: webhook.name,
    caBundle: Buffer.from(webhook.clientConfig?.caBundle ?? '', 'base64').toString('utf8'),
  }));
  return { name, uid, resourceVersion, entries };
}

/**
 * The bundle that every entry of a configuration should have: what is wanted, and what any of them has and has not
 * ended, because another replica may still serve with it.
 */
export function bundleFor(live: LiveConfiguration | undefined, wanted: string, now: number): string {
  return unite(wanted, live?.entries.map(({ caBundle }) => caBundle) ?? [], now);
}

/** Whether each entry, and each of the names, has this bundle, in whatever order. */
export function hasBundle(
  { entries }: LiveConfiguration,
  bundle: string,
  names: readonly string[] = [],
): boolean {
  const fingerprints = fingerprintsOf(bundle);
  return (
    names.every((name) => entries.some((entry) => entry.name === name)) &&
    entries.every(({ caBundle }) => {
      const found = fingerprintsOf(caBundle);
      return found.size === fingerprints.size && found.isSubsetOf(fingerprints);
    })
  );
}

/** Since when each authority has been in every caBundle without a break. */
export class TrustRecord {
  readonly #since = new Map<string, number>();
  /** While there is no entry, nobody calls us, and everything counts as trusted. */
  #emptySince: number | undefined;

  /** To be told of each state of all entries. `now` is in milliseconds of a steady clock. */
  observe(configurations: readonly (LiveConfiguration | undefined)[], now: number): void {
    const [first, ...others] = configurations.flatMap((live) => live?.entries ?? []);
    if (!first) {
      this.#emptySince ??= now;
      this.#since.clear();
      return;
    }
    this.#emptySince = undefined;
    let everywhere = fingerprintsOf(first.caBundle);
    for (const { caBundle } of others) everywhere = everywhere.intersection(fingerprintsOf(caBundle));
    for (const fingerprint of this.#since.keys()) {
      if (!everywhere.has(fingerprint)) this.#since.delete(fingerprint);
    }
    for (const fingerprint of everywhere) {
      if (!this.#since.has(fingerprint)) this.#since.set(fingerprint, now);
    }
  }

  /** In milliseconds; undefined while one entry does not hold it. */
  heldFor(fingerprint: string, now: number): number | undefined {
    const since = this.#emptySince ?? this.#since.get(fingerprint);
    return since === undefined ? undefined : now - since;
  }
}

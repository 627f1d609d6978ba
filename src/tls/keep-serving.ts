import { WakeLoop } from '../kube/wake-loop.ts';
import type { Logger } from '../telemetry/log.ts';
import { sameAuthorities, wantedOf } from './bundle.ts';
import { endOf, ROTATION, type RotationSettings, takesUpAfter } from './rotation.ts';
import type { CertificateSource, Publication } from './source.ts';
import { type Certificates, faultOf } from './verify.ts';

export type KeepServingOptions = {
  readonly source: CertificateSource;
  readonly publication: Publication;
  /** What is served with now. */
  readonly current: Certificates;
  /** Serves new connections with these. */
  readonly onServe: (certificates: Certificates) => void;
  /** Told when the certificate in use ends, in seconds since the epoch. */
  readonly onExpiry?: (seconds: number) => void;
  readonly logger: Logger;
  readonly settings?: RotationSettings;
};

const DAY_MS = 86_400_000;
const WARN_BEFORE_MS = 14 * DAY_MS;

/**
 * Serves with what the source holds, for as long as the signal lasts: authorities are published first, and a
 * certificate is taken up once they are trusted. Rejects never.
 */
export async function keepServing(options: KeepServingOptions, signal: AbortSignal): Promise<void> {
  const { source, publication, logger } = options;
  const serving = new Serving(options);
  const loop = new WakeLoop({
    act: () => serving.act(),
    onFailure: (error) =>
      logger.error({ err: error }, 'the certificates cannot be kept up; trying again, the old ones stay'),
  });
  publication.onChange(loop.wake);
  await Promise.all([source.run(signal, loop.wake), loop.run(signal)]);
}

class Serving {
  readonly #options: KeepServingOptions;
  #current: Certificates;
  #warnedAt = -Infinity;

  constructor(options: KeepServingOptions) {
    this.#options = options;
    this.#current = options.current;
  }

  /** Returns after how many milliseconds to act again. */
  async act(): Promise<number> {
    const { source, publication } = this.#options;
    const offered = source.latest();
    const isUsable = offered !== undefined && faultOf(offered, source.now()) === undefined;
    publication.publish(wantedOf(isUsable ? offered.ca : '', this.#current.ca, source.now()));
    const takeUpMs = isUsable ? this.#takeUp(offered) : Infinity;
    this.#watchTheEnd();
    return Math.min(takeUpMs, await source.advance(this.#current, publication.heldFor));
  }

  #takeUp(offered: Certificates): number {
    const { source, publication, settings = ROTATION, onServe, logger } = this.#options;
    const { cert, key, ca } = this.#current;
    if (offered.cert === cert && offered.key === key) {
      if (!sameAuthorities(offered.ca, ca)) this.#current = { cert, key, ca: offered.ca };
      return Infinity;
    }
    const afterMs = takesUpAfter(offered, {
      serving: this.#current,
      now: source.now(),
      heldFor: publication.heldFor,
      settings,
    });
    if (afterMs > 0) return afterMs;
    onServe(offered);
    this.#current = offered;
    logger.info({ until: new Date(endOf(offered.cert)).toISOString() }, 'serving with new certificates');
    return Infinity;
  }

  #watchTheEnd(): void {
    const { source, logger, onExpiry } = this.#options;
    const end = endOf(this.#current.cert);
    const leftMs = end - source.now();
    onExpiry?.(end / 1000);
    if (leftMs > WARN_BEFORE_MS || performance.now() - this.#warnedAt < DAY_MS) return;
    this.#warnedAt = performance.now();
    const days = Math.max(0, Math.floor(leftMs / DAY_MS));
    logger.warn(
      { until: new Date(end).toISOString() },
      `the serving certificate ends in ${days} days and nothing has followed it; after that the API server refuses it`,
    );
  }
}

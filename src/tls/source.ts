import type { HeldFor } from './rotation.ts';
import type { Certificates } from './verify.ts';

/** Where certificates come from. */
export type CertificateSource = {
  /** Milliseconds since the epoch, by the clock that the source goes by. */
  readonly now: () => number;
  /**
   * The first set to serve with; made where there is none.
   *
   * @throws CertificateError
   */
  readonly open: () => Promise<Certificates>;
  /** Follows changes until the signal is aborted. Rejects never. */
  readonly run: (signal: AbortSignal, onChange: () => void) => Promise<void>;
  /** What it holds now, be it usable or not; undefined when it holds nothing. */
  readonly latest: () => Certificates | undefined;
  /**
   * Brings a rotation one step further, where it is ours to rotate. Returns after how many milliseconds to look
   * again at the latest.
   */
  readonly advance: (serving: Certificates, heldFor: HeldFor) => Promise<number>;
};

/** The caBundles through which the API server trusts us. */
export type Publication = {
  /** Has these authorities (PEM) in every caBundle from soon on, beside what is there. */
  readonly publish: (ca: string) => void;
  readonly heldFor: HeldFor;
  readonly onChange: (listener: () => void) => void;
};

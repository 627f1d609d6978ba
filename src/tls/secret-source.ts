import { SECRETS } from '../api/kinds.ts';
import type { ObjectKey } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { isAlreadyExists, isConflict, isForbidden, isNotFound } from '../kube/errors.ts';
import { createInformer, type Informer } from '../kube/informer.ts';
import { ServerClock } from '../kube/server-clock.ts';
import type { Logger } from '../telemetry/log.ts';
import { unite } from './bundle.ts';
import { CertificateError } from './certificates.ts';
import { issuePair } from './pair.ts';
import {
  type HeldFor,
  nextStep,
  ROTATION,
  type RotationSettings,
  type RotationStep,
  type StoredCertificates,
} from './rotation.ts';
import { contentOf, newSecret, type Secret, withContent } from './secret-content.ts';
import type { CertificateSource } from './source.ts';
import { allNames, type Certificates, type Names, namesOf } from './verify.ts';

export type SecretSourceOptions = {
  readonly client: Client;
  readonly logger: Logger;
  readonly key: ObjectKey;
  readonly names: Names;
  readonly settings?: RotationSettings;
  /** Of the certificates that are made, in milliseconds. */
  readonly lifetimeMs?: number;
};

type Kept = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly secret: Secret;
};

/** After a write that somebody else got ahead of, should the watch not tell of theirs. */
const LOOK_AGAIN_MS = 30_000;
const MOST_TRIES = 10;
const REMEDY =
  'correct it (tls.crt, tls.key and ca.crt from the same source), or delete it to have it made anew';

/**
 * Certificates in a Secret that all replicas share. Where it is missing, or ours, they make and rotate it, without
 * a leader: each step is one write that fails when another replica was first. Somebody else's is used as it is.
 */
export class SecretSource implements CertificateSource {
  readonly #options: SecretSourceOptions;
  readonly #clock: ServerClock;
  readonly #informer: Informer<Kept>;
  #isFollowing = false;
  #complaint = '';

  constructor(options: SecretSourceOptions) {
    const { client, logger, key } = options;
    this.#options = options;
    this.#clock = new ServerClock(client, logger);
    this.#informer = createInformer<Kept>({
      client,
      logger,
      kind: SECRETS,
      namespace: key.namespace,
      fieldSelector: `metadata.name=${key.name}`,
      project: (raw) => {
        const secret = raw as Secret;
        const { name, namespace = '', uid, resourceVersion } = secret.metadata;
        return { name, namespace, uid, resourceVersion, secret };
      },
    });
  }

  readonly now = (): number => this.#clock.now();

  readonly latest = (): Certificates | undefined => {
    const secret = this.#secret();
    return secret && contentOf(secret);
  };

  readonly open = async (): Promise<Certificates> => {
    await this.#clock.measure();
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const secret = await this.#read();
      const stored = secret && contentOf(secret);
      const step = this.#step(stored, undefined, () => undefined);
      if (step.do === 'complain') throw new CertificateError(`${this.#where}: ${step.fault}; ${REMEDY}`);
      // All others can wait until the server is up.
      if (stored && step.do !== 'make' && step.do !== 'promote') return stored;
      const written = await this.#write(step, secret).catch((error: unknown) => this.#unlessRaced(error));
      if (written) return contentOf(written);
    }
    throw new CertificateError(
      `${this.#where} is written by others again and again; see who: kubectl get secret -o yaml --show-managed-fields`,
    );
  };

  readonly run = async (signal: AbortSignal, onChange: () => void): Promise<void> => {
    this.#informer.onChange(onChange);
    const follow = (): void => {
      this.#isFollowing = true;
      onChange();
    };
    void this.#informer.synced.then(follow);
    await this.#informer.run(signal);
  };

  readonly advance = async (serving: Certificates, heldFor: HeldFor): Promise<number> => {
    if (!this.#isFollowing) return Infinity;
    const planned = this.#stepNow(serving, heldFor);
    if (isIdle(planned)) return this.#rest(planned);
    // A clock that is wrong must not make certificates.
    await this.#clock.measure();
    const step = this.#stepNow(serving, heldFor);
    if (isIdle(step)) return this.#rest(step);
    await this.#write(step, this.#secret()).catch((error: unknown) => this.#unlessRaced(error));
    return LOOK_AGAIN_MS;
  };

  get #where(): string {
    return `the Secret ${this.#options.key.namespace}/${this.#options.key.name}`;
  }

  #secret(): Secret | undefined {
    return this.#informer.store.list()[0]?.secret;
  }

  #stepNow(serving: Certificates, heldFor: HeldFor): RotationStep {
    const secret = this.#secret();
    return this.#step(secret && contentOf(secret), serving, heldFor);
  }

  #step(
    stored: StoredCertificates | undefined,
    serving: Certificates | undefined,
    heldFor: HeldFor,
  ): RotationStep {
    const { names, settings = ROTATION } = this.#options;
    return nextStep({ stored, serving, names, now: this.#clock.now(), heldFor, settings });
  }

  /** Complains once about each fault. */
  #rest(step: RotationStep): number {
    const fault = step.do === 'complain' ? step.fault : '';
    if (fault !== '' && fault !== this.#complaint) {
      this.#options.logger.error(
        { fault },
        `${this.#where} cannot be used; the certificate in use stays. Remedy: ${REMEDY}`,
      );
    }
    this.#complaint = fault;
    return step.do === 'wait' ? step.until - this.#clock.now() : Infinity;
  }

  async #read(): Promise<Secret | undefined> {
    const { client, key } = this.#options;
    try {
      return await client.get<Secret>(SECRETS, key);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw isForbidden(error) ? this.#forbidden(error) : error;
    }
  }

  async #write(step: RotationStep, secret: Secret | undefined): Promise<Secret | undefined> {
    const { client, key, logger } = this.#options;
    const content = await this.#contentAfter(step, secret && contentOf(secret));
    if (!content) return undefined;
    const why = 'why' in step ? step.why : undefined;
    try {
      const written = secret
        ? await client.update<Secret>(SECRETS, key, withContent(secret, content))
        : await client.create<Secret>(SECRETS, key.namespace, newSecret(key, content));
      logger.info({ secret: `${key.namespace}/${key.name}`, step: step.do, why }, SAID[step.do]);
      return written;
    } catch (error) {
      if (isForbidden(error)) throw this.#forbidden(error, secret ? 'update' : 'create');
      if (!secret && isNotFound(error)) {
        throw new CertificateError(
          `${this.#where}: the namespace does not exist; create it, or choose another`,
          {
            cause: error,
          },
        );
      }
      throw error;
    }
  }

  async #contentAfter(
    step: RotationStep,
    stored: StoredCertificates | undefined,
  ): Promise<Omit<StoredCertificates, 'isMarked'> | undefined> {
    const now = this.#clock.now();
    const old = stored?.ca ?? '';
    switch (step.do) {
      case 'make': {
        const { ca, ...pair } = await this.#issue(undefined);
        return { ...pair, ca: unite(ca, [old], now) };
      }
      case 'begin': {
        const { cert, key } = step.keep;
        const { ca, ...next } = await this.#issue(cert);
        return { cert, key, ca: unite(ca, [step.keep.ca, old], now), next };
      }
      case 'promote':
        return { ...step.next, ca: old };
      case 'tidy':
        return stored && { ...stored, ca: step.ca };
      case 'wait':
      case 'complain':
        return undefined;
    }
  }

  /** Also for the names of the one before: a replica with other names may be at work, and must not undo it. */
  #issue(before: string | undefined): Promise<Certificates> {
    const { names, lifetimeMs } = this.#options;
    return issuePair({
      names: before === undefined ? names : allNames(names, namesOf(before)),
      now: this.#clock.now(),
      ...(lifetimeMs !== undefined && { lifetimeMs }),
    });
  }

  /** Somebody else wrote first: theirs is read, and judged anew. */
  #unlessRaced(error: unknown): undefined {
    if (!isConflict(error) && !isAlreadyExists(error)) throw error;
    this.#options.logger.debug({ secret: this.#where }, 'another replica wrote first');
    return undefined;
  }

  #forbidden(cause: unknown, verb = 'read'): CertificateError {
    const { namespace, name } = this.#options.key;
    const remedy =
      verb === 'create'
        ? `make an empty one (kubectl create secret generic ${name} -n ${namespace}), or allow us to create Secrets there`
        : 'allow get, list, watch and update on it';
    const why = cause instanceof Error ? cause.message : String(cause);
    return new CertificateError(`we may not ${verb} ${this.#where}; ${remedy} (${why})`, { cause });
  }
}

function isIdle(step: RotationStep): boolean {
  return step.do === 'wait' || step.do === 'complain';
}

const SAID = {
  make: 'made a certificate',
  begin: 'made the next certificate; its authority is published first',
  promote: 'the next certificate takes over',
  tidy: 'took authorities that have ended out of the bundle',
  wait: '',
  complain: '',
} as const;

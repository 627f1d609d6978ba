import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { unite, wantedOf } from '../../src/tls/bundle.ts';
import { issuePair } from '../../src/tls/pair.ts';
import {
  endOf,
  nextStep,
  type RotationSettings,
  type RotationStep,
  type StoredCertificates,
  takesUpAfter,
} from '../../src/tls/rotation.ts';
import { anchorOf, type Certificates, faultOf } from '../../src/tls/verify.ts';
import { bundleFor, hasBundle, type LiveConfiguration, TrustRecord } from '../../src/webhook/trust.ts';

const MINUTE = 60_000;
const SETTINGS: RotationSettings = { rotateAfter: 2 / 3, settleMs: 10 * MINUTE };
/** API servers and their caches may be less than this far behind: what the rotation allows them. */
const API_SERVER_LAG = SETTINGS.settleMs;
const LIFETIME = 400 * MINUTE;
/** Who is cut off for longer may find that its certificate has ended before it learns of the next. */
const LONGEST_CUT_OFF = 60 * MINUTE;
const NAMES = { dnsNames: ['everynode.kube-system.svc'], ipAddresses: [] };
const START = Date.parse('2030-01-01T00:00:00Z');

type Version<T> = { readonly version: number; readonly value: T };

/** The Secret, a WebhookConfiguration of one entry, and the time; every write names the version it goes by. */
class World {
  now = START;
  secret: Version<StoredCertificates | undefined> = { version: 0, value: undefined };
  /** All states of the caBundle, with the time since when. */
  readonly bundles: { readonly since: number; readonly pem: string }[] = [{ since: START, pem: '' }];
  promotions = 0;
  readonly replicas: readonly Replica[] = [new Replica(this), new Replica(this), new Replica(this)];

  get bundle(): string {
    return this.bundles.at(-1)?.pem ?? '';
  }

  writeSecret(seen: number, value: StoredCertificates | undefined): boolean {
    if (this.secret.version !== seen) return false;
    this.secret = { version: seen + 1, value };
    return true;
  }

  writeBundle(seen: number, pem: string): void {
    if (this.bundles.length === seen) this.bundles.push({ since: this.now, pem });
  }

  /** What any API server may go by now; one that was replaced as long ago as the lag is gone everywhere. */
  bundlesInUse(): readonly string[] {
    return this.bundles
      .filter((_, index) => (this.bundles[index + 1]?.since ?? Infinity) > this.now - API_SERVER_LAG)
      .map(({ pem }) => pem);
  }
}

/** Does what a process does, on what it has seen of the world, which may be long ago. */
class Replica {
  readonly #world: World;
  #secret: World['secret'];
  #bundle = { version: 0, pem: '' };
  #trust = new TrustRecord();
  serving: Certificates | undefined;
  upToDateAt = START;

  constructor(world: World) {
    this.#world = world;
    this.#secret = world.secret;
  }

  /** Loses its memory, and starts as `open` does. */
  async start(): Promise<void> {
    this.#trust = new TrustRecord();
    this.serving = undefined;
    this.seeSecret();
    const step = this.#step();
    if (step.do === 'make' || step.do === 'promote') await this.#write(step);
    this.seeSecret();
    this.serving = this.#secret.value;
    this.seeBundle();
  }

  seeSecret(): void {
    this.#secret = this.#world.secret;
  }

  seeBundle(): void {
    this.#bundle = { version: this.#world.bundles.length, pem: this.#world.bundle };
    this.#trust.observe([live(this.#bundle.pem)], this.#world.now);
  }

  publish(): void {
    const offered = this.#secret.value;
    const wanted = wantedOf(offered?.ca ?? '', this.serving?.ca ?? '', this.#world.now);
    const bundle = bundleFor(live(this.#bundle.pem), wanted, this.#world.now);
    if (!hasBundle(live(this.#bundle.pem), bundle)) this.#world.writeBundle(this.#bundle.version, bundle);
  }

  takeUp(): void {
    const offered = this.#secret.value;
    if (!offered || faultOf(offered, this.#world.now) !== undefined) return;
    const state = { serving: this.serving, now: this.#world.now, heldFor: this.#heldFor, settings: SETTINGS };
    if (takesUpAfter(offered, state) === 0) this.serving = offered;
  }

  async advance(): Promise<void> {
    await this.#write(this.#step());
  }

  comeUpToDate(): void {
    this.seeSecret();
    this.seeBundle();
    this.publish();
    this.seeBundle();
    this.takeUp();
    this.upToDateAt = this.#world.now;
  }

  readonly #heldFor = (fingerprint: string): number | undefined =>
    this.#trust.heldFor(fingerprint, this.#world.now);

  #step(): RotationStep {
    return nextStep({
      stored: this.#secret.value,
      serving: this.serving,
      names: NAMES,
      now: this.#world.now,
      heldFor: this.#heldFor,
      settings: SETTINGS,
    });
  }

  async #write(step: RotationStep): Promise<void> {
    const { value: stored, version } = this.#secret;
    const { now } = this.#world;
    const issue = (): Promise<Certificates> => issuePair({ names: NAMES, now, lifetimeMs: LIFETIME });
    const old = stored?.ca ?? '';
    switch (step.do) {
      case 'make': {
        const { ca, ...pair } = await issue();
        this.#world.writeSecret(version, { ...pair, ca: unite(ca, [old], now), isMarked: true });
        break;
      }
      case 'begin': {
        const { ca, ...next } = await issue();
        const { cert, key } = step.keep;
        const bundle = unite(ca, [step.keep.ca, old], now);
        this.#world.writeSecret(version, { cert, key, ca: bundle, next, isMarked: true });
        break;
      }
      case 'promote':
        if (this.#world.writeSecret(version, { ...step.next, ca: old, isMarked: true })) {
          this.#world.promotions += 1;
        }
        break;
      case 'tidy':
        if (stored) this.#world.writeSecret(version, { ...stored, ca: step.ca });
        break;
      case 'wait':
      case 'complain':
    }
  }
}

function live(caBundle: string): LiveConfiguration {
  return { name: 'everynode', uid: 'u', resourceVersion: '1', entries: [{ name: 'pods', caBundle }] };
}

type Event = { readonly what: keyof typeof ACTS; readonly who: number; readonly minutes: number };

const ACTS = {
  seeSecret: (replica: Replica) => replica.seeSecret(),
  seeBundle: (replica: Replica) => replica.seeBundle(),
  publish: (replica: Replica) => replica.publish(),
  takeUp: (replica: Replica) => replica.takeUp(),
  advance: (replica: Replica) => replica.advance(),
  restart: async (replica: Replica, world: World) => {
    if (world.secret.value) await replica.start();
  },
  /** Not so late that there is no time left for what follows. */
  deleteSecret: (_: Replica, world: World) => {
    const isYoung = world.replicas.every(
      ({ serving }) => serving && endOf(serving.cert) - world.now > 250 * MINUTE,
    );
    if (isYoung) world.writeSecret(world.secret.version, undefined);
  },
  /** Time passes, and whoever it is comes up to date before it does. */
  pass: (replica: Replica, world: World, minutes: number) => {
    replica.comeUpToDate();
    world.now += minutes * MINUTE;
  },
} as const;

const weights: readonly (readonly [keyof typeof ACTS, number])[] = [
  ['seeSecret', 4],
  ['seeBundle', 4],
  ['publish', 4],
  ['takeUp', 6],
  ['advance', 6],
  ['restart', 1],
  ['pass', 10],
];

function events(more: readonly (readonly [keyof typeof ACTS, number])[] = []): fc.Arbitrary<Event[]> {
  const what = fc.oneof(
    ...[...weights, ...more].map(([act, weight]) => ({ arbitrary: fc.constant(act), weight })),
  );
  return fc.array(fc.record({ what, who: fc.nat(2), minutes: fc.integer({ min: 1, max: 20 }) }), {
    minLength: 200,
    maxLength: 400,
  });
}

async function startedWorld(): Promise<World> {
  const world = new World();
  const { replicas } = world;
  for (const replica of replicas) await replica.start();
  replicas[0]?.publish();
  // What came before is of no interest: nobody could be called.
  world.bundles.splice(0, 1);
  for (const replica of replicas) replica.seeBundle();
  return world;
}

/** Every API server trusts every replica that serves with something that has not ended. */
function assertTrusted(world: World): void {
  for (const { serving } of world.replicas) {
    if (!serving) throw new Error('a replica serves nothing');
    if (faultOf(serving, world.now)?.includes('expired')) continue;
    for (const bundle of world.bundlesInUse()) {
      if (!anchorOf({ cert: serving.cert, ca: bundle })) throw new Error('an API server refuses a replica');
    }
  }
}

async function play(story: readonly Event[]): Promise<World> {
  const world = await startedWorld();
  const { replicas } = world;
  for (const { what, who, minutes } of story) {
    const replica = replicas[who];
    if (!replica) continue;
    await ACTS[what](replica, world, minutes);
    for (const one of replicas) {
      if (world.now - one.upToDateAt <= LONGEST_CUT_OFF) continue;
      one.comeUpToDate();
      await one.advance();
    }
    assertTrusted(world);
  }
  return world;
}

it('whatever replicas have seen and whenever they act, API servers trust all that is served', async () => {
  let promotions = 0;
  await fc.assert(
    fc.asyncProperty(events(), async (story) => {
      promotions += (await play(story)).promotions;
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(promotions).toBeGreaterThan(6);
}, 120_000);

it('also when the Secret is deleted again and again', async () => {
  let promotions = 0;
  await fc.assert(
    fc.asyncProperty(events([['deleteSecret', 1]]), async (story) => {
      promotions += (await play(story)).promotions;
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(promotions).toBeGreaterThan(6);
}, 120_000);

it('in the end all serve with the last certificate, and the bundle holds what is needed and no more', async () => {
  const world = await startedWorld();
  const { replicas } = world;
  for (let minutes = 0; minutes < 3 * 400; minutes += 5) {
    for (const replica of replicas) {
      replica.seeSecret();
      replica.seeBundle();
      replica.publish();
      replica.takeUp();
      await replica.advance();
    }
    assertTrusted(world);
    world.now += 5 * MINUTE;
  }
  expect(world.promotions).toBeGreaterThan(2);
  expect(new Set(replicas.map(({ serving }) => serving?.cert)).size).toBe(1);
  expect(world.bundle.match(/BEGIN/g)?.length).toBeLessThanOrEqual(3);
}, 60_000);

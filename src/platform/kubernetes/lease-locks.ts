import type { Clock } from '../../ports/clock.ts';
import type { HeldElsewhere, Lock, Locks } from '../../ports/lock.ts';
import type { KubernetesApi, ObjectName } from './api.ts';
import { LeaseHold } from './lease-hold.ts';

/**
 * Locks between pods: a Lease (coordination.k8s.io) in the place of a locked file. No kernel gives it up for a holder that is gone,
 * so it lapses, and both sides count on their own boot clocks: the holder from before it sent its renewal, a standby from when
 * it first saw that renewal. Wall clocks, which differ between nodes, are never compared.
 */

export const LEASE_PREFIX = 'kubernetes-lease:';

/** The name of a lock that is a Lease. */
export function leaseLockPath({ namespace, name }: ObjectName): string {
  return `${LEASE_PREFIX}${namespace}/${name}`;
}

/** A standby is asked every second whether it could; the API server is not. */
const ASK_EVERY_MS = 5_000;

export interface LeaseLocksOptions {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  /** Of this life of this process, and of no other: what an earlier one held is not ours. */
  readonly holder: string;
  /** Milliseconds that a lease must outlive what its holder begins: intent, deadline of the exchange, and the time to save its answer. At most 37 000. */
  readonly neededMs: number;
}

export function createLeaseLocks(options: LeaseLocksOptions): Locks {
  const leases = new Map<string, LeaseLock>();
  return {
    async tryAcquire(path) {
      const lease = leases.get(path) ?? new LeaseLock(options, objectIn(path));
      leases.set(path, lease);
      return lease.tryAcquire();
    },
  };
}

function objectIn(path: string): ObjectName {
  const [namespace = '', name = ''] = path.slice(LEASE_PREFIX.length).split('/');
  return { namespace, name };
}

/** One Lease as this process sees it, over all its tries to have it. */
class LeaseLock {
  readonly #clock: Clock;
  readonly #hold: LeaseHold;
  /** The last answer of the server that another process has it. */
  #elsewhere: { readonly atMs: number; readonly holder: string } | null = null;

  constructor(options: LeaseLocksOptions, at: ObjectName) {
    this.#clock = options.clock;
    this.#hold = new LeaseHold(options, at);
  }

  async tryAcquire(): Promise<Lock | HeldElsewhere> {
    const { bootMs } = this.#clock.now();
    if (this.#elsewhere !== null && bootMs - this.#elsewhere.atMs < ASK_EVERY_MS)
      return heldBy(this.#elsewhere.holder);
    const holder = await this.#hold.take();
    this.#elsewhere = holder === null ? null : { atMs: bootMs, holder };
    return holder === null ? this.#lock() : heldBy(holder);
  }

  #lock(): Lock {
    let released = false;
    return {
      held: true,
      stillInPlace: async () => !released && (await this.#hold.isLongEnough()),
      release: async () => {
        if (released) return;
        released = true;
        await this.#hold.release();
      },
    };
  }
}

/** The number of a process says nothing in another pod. */
function heldBy(holder: string): HeldElsewhere {
  const elsewhere = { held: false, holderPid: null, holder } as const;
  return elsewhere;
}

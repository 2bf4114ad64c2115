import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Clock } from '../../ports/clock.ts';
import { endless } from '../endless.ts';
import { apiError } from './api-failure.ts';
import type { ApiAnswer, KubernetesApi, ObjectName } from './api.ts';

/**
 * Taking, renewing and giving up one Lease. The arithmetic is in docs/decisions/0035-kubernetes-store.md: a holder believes in its
 * lease for {@link HELD_MS} from before the renewal was sent, everybody else waits {@link LEASE_MS} from after it was seen.
 */

const LEASE_MS = 45_000;
/** For clocks of two nodes that do not run equally fast: one second in nine is far more than any does. */
const MARGIN_MS = 5_000;
const HELD_MS = LEASE_MS - MARGIN_MS;
const RENEW_EVERY_MS = 10_000;
/** After a renewal that failed. */
const RENEW_AGAIN_MS = 2_000;
/** A lease is renewed before an exchange unless that was done so recently. */
const FRESH_MS = 3_000;

export interface LeaseHoldOptions {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly holder: string;
  readonly neededMs: number;
}

/** How another process's lease looked, and since when it has looked like that to us. */
interface Sighting {
  readonly look: string;
  readonly sinceMs: number;
}

type Failed = Exclude<ApiAnswer<Lease>, { kind: 'object' }>;

export class LeaseHold {
  readonly #options: LeaseHoldOptions;
  readonly #at: ObjectName;
  /** The lease as we wrote it last; null where we do not have it. */
  #ours: Lease | null = null;
  /** Boot clock, milliseconds: before the last renewal that arrived was sent. */
  #renewedAtMs = 0;
  #sighting: Sighting | null = null;
  #cancelRenewal: () => void = () => {};
  /** One renewal at a time. */
  #renewing: Promise<void> | null = null;

  constructor(options: LeaseHoldOptions, at: ObjectName) {
    this.#options = options;
    this.#at = at;
  }

  /**
   * Resolves to null when it is ours, else to who has it. Rejects `STORE_UNREACHABLE` and `STORE_UNAVAILABLE` where the server
   * does not say: then it may be ours, and the next try tells.
   */
  async take(): Promise<string | null> {
    const found = await this.#options.api.getLease(this.#at, endless());
    if (found.kind !== 'object') throw this.#error('get', found);
    const lease = found.object;
    const other = this.#otherHolder(lease);
    if (other !== null && !this.#hasLapsed(lease)) return other;
    const sentAtMs = this.#nowMs();
    const answer = await this.#put(this.#claimed(lease));
    if (answer.kind === 'object') {
      this.#renewed(answer.object, sentAtMs);
      return null;
    }
    // somebody was faster; who, the next try tells
    if (answer.kind === 'refused' && answer.status === 409) return other ?? 'another pod';
    throw this.#error('update', answer);
  }

  /** Whether what is begun now can be brought to its end before anybody else may begin. Renews where that helps. */
  async isLongEnough(): Promise<boolean> {
    if (this.#ours === null) return false;
    if (this.#nowMs() - this.#renewedAtMs > FRESH_MS) await this.#renew();
    return this.#ours !== null && this.#renewedAtMs + HELD_MS - this.#nowMs() >= this.#options.neededMs;
  }

  /** Without a holder the next one need not wait. Where that cannot be said, it lapses. */
  async release(): Promise<void> {
    this.#cancelRenewal();
    await this.#renewing;
    const ours = this.#ours;
    this.#lost();
    if (ours === null) return;
    const { holderIdentity: _holder, ...spec } = ours.spec ?? {};
    await this.#put({ ...ours, spec: { ...spec, renewTime: this.#time() } });
  }

  /** Never rejects. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    this.#cancelRenewal();
    let lease = this.#ours;
    for (let tries = 1; lease !== null && tries <= 2; tries += 1) {
      const sentAtMs = this.#nowMs();
      const answer = await this.#put({ ...lease, spec: { ...lease.spec, renewTime: this.#time() } });
      if (answer.kind === 'object') return this.#renewed(answer.object, sentAtMs);
      if (answer.kind === 'refused' && answer.status === 404) return this.#lost();
      if (answer.kind === 'silent' || answer.status !== 409) return this.#renewLater(RENEW_AGAIN_MS);
      lease = await this.#afterConflict();
    }
    if (this.#ours !== null) this.#renewLater(RENEW_AGAIN_MS);
  }

  /** Somebody labelled it, or a renewal of ours arrived whose answer did not; or it is another's now. null = not now. */
  async #afterConflict(): Promise<Lease | null> {
    const found = await this.#options.api.getLease(this.#at, endless());
    if (found.kind !== 'object') return null;
    if (found.object.spec?.holderIdentity === this.#options.holder) return found.object;
    this.#lost();
    return null;
  }

  #renewed(lease: Lease, sentAtMs: number): void {
    this.#ours = lease;
    this.#renewedAtMs = sentAtMs;
    this.#sighting = null;
    this.#renewLater(RENEW_EVERY_MS);
  }

  #renewLater(ms: number): void {
    this.#cancelRenewal();
    this.#cancelRenewal = this.#options.clock.after(ms, () => void this.#renew());
  }

  #lost(): void {
    this.#cancelRenewal();
    this.#ours = null;
  }

  #otherHolder({ spec }: Lease): string | null {
    const holder = spec?.holderIdentity ?? '';
    return holder === '' || holder === this.#options.holder ? null : holder;
  }

  /** Whether another's lease has looked the same for as long as it lasts. */
  #hasLapsed({ metadata, spec = {} }: Lease): boolean {
    const { holderIdentity, renewTime, leaseTransitions, leaseDurationSeconds = 0 } = spec;
    const look = JSON.stringify([metadata?.resourceVersion, holderIdentity, renewTime, leaseTransitions]);
    const nowMs = this.#nowMs();
    if (this.#sighting?.look !== look) this.#sighting = { look, sinceMs: nowMs };
    return nowMs - this.#sighting.sinceMs >= Math.max(LEASE_MS, leaseDurationSeconds * 1_000);
  }

  #claimed(lease: Lease): Lease {
    const { spec = {} } = lease;
    const isOurs = spec.holderIdentity === this.#options.holder;
    const now = this.#time();
    return {
      ...lease,
      spec: {
        ...spec,
        holderIdentity: this.#options.holder,
        leaseDurationSeconds: LEASE_MS / 1_000,
        renewTime: now,
        acquireTime: isOurs ? (spec.acquireTime ?? now) : now,
        leaseTransitions: (spec.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
      },
    };
  }

  #put(lease: Lease): Promise<ApiAnswer<Lease>> {
    return this.#options.api.putLease(this.#at, lease, endless());
  }

  #error(verb: 'get' | 'update', answer: Failed) {
    return apiError(answer, { verb, resource: 'leases', at: this.#at });
  }

  #nowMs(): number {
    return this.#options.clock.now().bootMs;
  }

  /** For people, who compare it with their own clock: nothing here rests on it. MicroTime has six digits. */
  #time(): string {
    return new Date(this.#options.clock.now().wallMs).toISOString().replace('Z', '000Z');
  }
}

/**
 * The server's memory of secrets, without any HTTP, so that a simulation can run it too. `commit` is the moment after which
 * the server's mind is made up; whether its answer ever arrives is somebody else's business (`exchange.ts` words it).
 */
import { fingerprintOf } from '../../platform/fingerprint.ts';
import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';
import type { RotationRule } from './rotation-policy.ts';
import { SecretFamily, type IssuedSecret, type SecretListing, type SecretStatus } from './secret-family.ts';
import type { TokenLedger } from './token-ledger.ts';

export type Verdict = {
  /** Fingerprint (SHA-256) of the secret that was judged. */
  readonly presented: string;
} & (
  | {
      readonly kind: 'granted';
      readonly name: string;
      readonly accessToken: string;
      readonly newSecret: string;
      readonly ttlMs: number;
      /** Of the new secret. */
      readonly generation: number;
    }
  | { readonly kind: 'refused'; readonly reason: 'spent' | 'revoked'; readonly name: string }
  | { readonly kind: 'refused'; readonly reason: 'unknown'; readonly name: null }
);

/** What a test wants to know about the secrets of one name. */
export interface FamilyReport {
  readonly status: SecretStatus;
  /** How often the secret was rotated since it was created. */
  readonly generation: number;
  /** How often a superseded secret was presented and no longer honoured. Outlives a new creation under the same name. */
  readonly spentSecretUses: number;
  /** How often the newest secret was presented after its revocation. Outlives a new creation under the same name. */
  readonly revokedSecretUses: number;
}

interface RegistryOptions {
  readonly rule: RotationRule;
  readonly clock: EmulatorClock;
  readonly random: EmulatorRandom;
  /** Where the tokens of granted exchanges are issued. */
  readonly tokens: TokenLedger;
}

export class SecretRegistry {
  /** In force at once, for secrets already superseded too. */
  rule: RotationRule;
  readonly #families = new Map<string, SecretFamily>();
  readonly #secrets = new Map<string, IssuedSecret>();
  readonly #clock: EmulatorClock;
  readonly #random: EmulatorRandom;
  readonly #tokens: TokenLedger;

  constructor(options: RegistryOptions) {
    this.rule = options.rule;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#tokens = options.tokens;
  }

  /**
   * A new secret under `name`, or null where an active one has that name. The name of a revoked secret is free again:
   * the API has no other way to bring an agent back.
   */
  create(name: string): (SecretListing & { readonly secret: string }) | null {
    const before = this.#families.get(name);
    if (before?.status === 'ACTIVE') return null;
    const id = Buffer.from(this.#random(16)).toString('hex');
    const family = new SecretFamily(id, name, before?.deadUses ?? { spent: 0, revoked: 0 }, this.#clock());
    this.#families.set(name, family);
    return { ...family.listing, secret: this.#writeDown(family.newest) };
  }

  list(): SecretListing[] {
    return [...this.#families.values()].map((family) => family.listing);
  }

  /** Revokes the secrets of that name; null where there are none. Tokens already issued live on. */
  revoke(name: string): SecretListing | null {
    const family = this.#families.get(name);
    family?.revoke(this.#clock());
    return family?.listing ?? null;
  }

  /** Whether an exchange of this secret would be granted now. Counts nothing and changes nothing. */
  honours(secret: string): boolean {
    const presented = this.#secrets.get(secret);
    return presented?.family.judge(presented, this.rule, this.#clock()) === 'honour';
  }

  /** Decides an exchange and makes the decision stand. `ttlMs` was checked before (`exchange.ts`). */
  commit(secret: string, ttlMs: number): Verdict {
    const presented = fingerprintOf(secret);
    const known = this.#secrets.get(secret);
    if (known === undefined) return { kind: 'refused', reason: 'unknown', name: null, presented };
    const { family } = known;
    const { name } = family;
    const nowMs = this.#clock();
    const judgement = family.judge(known, this.rule, nowMs);
    if (judgement !== 'honour') {
      if (judgement === 'refuse-and-revoke-family') family.revoke(nowMs);
      const reason = known === family.newest ? 'revoked' : 'spent';
      family.deadUses[reason] += 1;
      return { kind: 'refused', reason, name, presented };
    }
    const next = family.rotate(known, nowMs);
    const newSecret = this.#writeDown(next);
    const grantedMs = this.#tokens.grantedMs(name, ttlMs);
    return {
      kind: 'granted',
      name,
      presented,
      accessToken: this.#tokens.issue(name, grantedMs),
      newSecret,
      ttlMs: grantedMs,
      generation: next.generation,
    };
  }

  report(): Record<string, FamilyReport> {
    return Object.fromEntries([...this.#families.values()].map((family) => [family.name, reportOf(family)]));
  }

  #writeDown(issued: IssuedSecret): string {
    const text = randomText(this.#random, 32);
    this.#secrets.set(text, issued);
    return text;
  }
}

function reportOf(family: SecretFamily): FamilyReport {
  const { status, newest, deadUses } = family;
  return {
    status,
    generation: newest.generation,
    spentSecretUses: deadUses.spent,
    revokedSecretUses: deadUses.revoked,
  };
}

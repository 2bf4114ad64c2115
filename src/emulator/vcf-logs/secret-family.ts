import { judge, type Judgement, type RotationRule } from './rotation-policy.ts';

export type SecretStatus = 'ACTIVE' | 'REVOKED';

/** A secret as the API lists it. */
export interface SecretListing {
  readonly id: string;
  readonly name: string;
  readonly status: SecretStatus;
  /** When it was created, rotated or revoked last; milliseconds since 1970-01-01T00:00:00Z. */
  readonly modificationTime: number;
}

/** How often dead secrets of one name were presented. */
interface DeadUses {
  /** A superseded secret that was no longer honoured. */
  spent: number;
  /** The newest secret after its revocation. */
  revoked: number;
}

/** One link of the chain. Generation 0 is the secret as it was created. */
export interface IssuedSecret {
  readonly family: SecretFamily;
  readonly generation: number;
  supersededAtMs: number | null;
}

/** All secrets that follow from one creation. Knows their order and their fate, not their texts. */
export class SecretFamily {
  readonly id: string;
  readonly name: string;
  readonly deadUses: DeadUses;
  #newest: IssuedSecret;
  #status: SecretStatus = 'ACTIVE';
  #modifiedAtMs: number;
  /** The highest generation that was ever exchanged; -1 before the first exchange. */
  #usedGeneration = -1;

  constructor(id: string, name: string, deadUses: DeadUses, nowMs: number) {
    this.id = id;
    this.name = name;
    this.deadUses = deadUses;
    this.#modifiedAtMs = nowMs;
    this.#newest = { family: this, generation: 0, supersededAtMs: null };
  }

  get newest(): IssuedSecret {
    return this.#newest;
  }

  get status(): SecretStatus {
    return this.#status;
  }

  get listing(): SecretListing {
    return { id: this.id, name: this.name, status: this.#status, modificationTime: this.#modifiedAtMs };
  }

  judge(presented: IssuedSecret, rule: RotationRule, nowMs: number): Judgement {
    if (this.#status === 'REVOKED') return 'refuse';
    const { supersededAtMs, generation } = presented;
    return judge(rule, { supersededAtMs, newerOneUsed: this.#usedGeneration > generation }, nowMs);
  }

  /** The exchange of an honoured secret: it counts as used, and the family has a new newest secret. */
  rotate(presented: IssuedSecret, nowMs: number): IssuedSecret {
    this.#usedGeneration = Math.max(this.#usedGeneration, presented.generation);
    this.#newest.supersededAtMs = nowMs;
    this.#newest = { family: this, generation: this.#newest.generation + 1, supersededAtMs: null };
    this.#modifiedAtMs = nowMs;
    return this.#newest;
  }

  /** Revoking twice changes nothing. */
  revoke(nowMs: number): void {
    if (this.#status === 'REVOKED') return;
    this.#status = 'REVOKED';
    this.#modifiedAtMs = nowMs;
  }
}

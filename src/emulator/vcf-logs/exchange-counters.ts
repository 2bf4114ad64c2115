import { fingerprintOf } from '../../platform/fingerprint.ts';
import type { EmulatorClock } from '../environment.ts';
import type { ExchangeDecision } from './exchange.ts';

/** How many exchanges are remembered one by one; older ones stay in the sums. */
const remembered = 1_000;

interface ExchangeRecord {
  /** When the server committed; milliseconds since 1970-01-01T00:00:00Z. */
  readonly atMs: number;
  /** null where the secret was unknown or the request invalid. */
  readonly name: string | null;
  readonly outcome: ExchangeDecision['kind'];
  /** Fingerprint (SHA-256) of the secret that was judged; null where none was. */
  readonly presented: string | null;
  /** Fingerprint of the secret that was given out; null where none was. */
  readonly issued: string | null;
}

export interface ExchangeReport {
  readonly granted: number;
  /** Wrong, spent and revoked secrets. */
  readonly refused: number;
  /** Malformed JSON, missing secret, ttl out of range: no secret was judged. */
  readonly invalid: number;
  /** Secrets that the server never issued. Also counted in `refused`. */
  readonly unknownSecretUses: number;
  /** The last 1,000 decisions, oldest first. */
  readonly last: readonly ExchangeRecord[];
}

/** Counts what the server decided, whether or not the answer arrived. */
export class ExchangeCounters {
  readonly #sums = { granted: 0, refused: 0, invalid: 0 };
  readonly #last: ExchangeRecord[] = [];
  readonly #clock: EmulatorClock;
  #unknownSecretUses = 0;

  constructor(clock: EmulatorClock) {
    this.#clock = clock;
  }

  record(decision: ExchangeDecision): void {
    this.#sums[decision.kind] += 1;
    if (decision.kind === 'refused' && decision.reason === 'unknown') this.#unknownSecretUses += 1;
    const name = decision.kind === 'invalid' ? null : decision.name;
    const presented = decision.kind === 'invalid' ? null : decision.presented;
    const issued = decision.kind === 'granted' ? fingerprintOf(decision.newSecret) : null;
    this.#last.push({ atMs: this.#clock(), name, outcome: decision.kind, presented, issued });
    if (this.#last.length > remembered) this.#last.shift();
  }

  report(): ExchangeReport {
    return { ...this.#sums, unknownSecretUses: this.#unknownSecretUses, last: [...this.#last] };
  }
}

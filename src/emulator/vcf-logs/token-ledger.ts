import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';

/** The access tokens that were issued. They live out their time whatever becomes of the secret that they came from. */
export class TokenLedger {
  readonly #tokens = new Map<string, { readonly name: string; readonly expiresAtMs: number }>();
  readonly #clock: EmulatorClock;
  readonly #random: EmulatorRandom;

  constructor(clock: EmulatorClock, random: EmulatorRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(name: string, ttlMs: number): string {
    const token = randomText(this.#random, 48);
    this.#tokens.set(token, { name, expiresAtMs: this.#clock() + ttlMs });
    return token;
  }

  /** Whose token it is; null for an unknown or expired one. */
  holder(token: string): string | null {
    const issued = this.#tokens.get(token);
    if (issued === undefined) return null;
    if (this.#clock() < issued.expiresAtMs) return issued.name;
    this.#tokens.delete(token);
    return null;
  }
}

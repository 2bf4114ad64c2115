import type { LiveTokens, Presented } from '../credentials.ts';
import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';

/**
 * The access tokens that were issued. They live out their time whatever becomes of the secret that they came from, unless
 * somebody ends them at the server. The header differs between product versions, so both are taken: `Authorization: Bearer`
 * and `X-JWT-Token`.
 */
export class TokenLedger implements LiveTokens {
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

  holder({ carrier, text }: Presented): string | null {
    if (carrier !== 'bearer' && carrier !== 'x-jwt-token') return null;
    const issued = this.#tokens.get(text);
    if (issued === undefined) return null;
    if (this.#clock() < issued.expiresAtMs) return issued.name;
    this.#tokens.delete(text);
    return null;
  }

  /** Ends one token; false where there is none with this text. */
  revoke(token: string): boolean {
    return this.#tokens.delete(token);
  }

  /** Ends all tokens that were issued to the agent of that name; tells how many. */
  revokeAllOf(name: string): number {
    const texts = [...this.#tokens].filter(([, issued]) => issued.name === name).map(([text]) => text);
    for (const text of texts) this.#tokens.delete(text);
    return texts.length;
  }
}

import type { LiveTokens, Presented } from '../credentials.ts';
import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';

/** How long the tokens of one agent live at this server. */
export interface TokenLife {
  /** Milliseconds that a token lives at most, whatever was asked for; the answer to the exchange says so. */
  readonly maxMs?: number;
  /** Milliseconds that a token lives on after its successor was issued. Without it a rotation ends no token. */
  readonly supersededMs?: number;
}

interface IssuedToken {
  readonly name: string;
  readonly expiresAtMs: number;
}

/**
 * The access tokens that were issued. They live out their time whatever becomes of the secret that they came from, unless
 * somebody ends them at the server. The header differs between product versions, so both are taken: `Authorization: Bearer`
 * and `X-JWT-Token`.
 */
export class TokenLedger implements LiveTokens {
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #lives = new Map<string, TokenLife>();
  readonly #clock: EmulatorClock;
  readonly #random: EmulatorRandom;

  constructor(clock: EmulatorClock, random: EmulatorRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** From now on; tokens that were issued before end by it once they are superseded. */
  setLife(name: string, life: TokenLife): void {
    this.#lives.set(name, life);
  }

  /** Milliseconds that a token of this agent will live where that many were asked for. */
  grantedMs(name: string, ttlMs: number): number {
    return Math.min(ttlMs, this.#lives.get(name)?.maxMs ?? ttlMs);
  }

  issue(name: string, ttlMs: number): string {
    const nowMs = this.#clock();
    this.#supersede(name, nowMs);
    const token = randomText(this.#random, 48);
    this.#tokens.set(token, { name, expiresAtMs: nowMs + ttlMs });
    return token;
  }

  #supersede(name: string, nowMs: number): void {
    const { supersededMs } = this.#lives.get(name) ?? {};
    if (supersededMs === undefined) return;
    for (const [text, issued] of this.#tokens) {
      const expiresAtMs = Math.min(issued.expiresAtMs, nowMs + supersededMs);
      if (issued.name === name) this.#tokens.set(text, { name, expiresAtMs });
    }
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

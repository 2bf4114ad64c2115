/** The tokens of Onezone's providers: lasting ones (root and named), which do not rotate, and the temporary ones made with them. */
import type { LiveTokens, Presented } from '../credentials.ts';
import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';
import { badToken, timeCaveatUnverified, tokenRevoked, unauthorized, type OnezoneError } from './errors.ts';

export type LastingKind = 'root' | 'named';

export interface LastingToken {
  readonly name: string;
  readonly kind: LastingKind;
  readonly providerId: string;
  /** Whether it may make and revoke temporary tokens. */
  privileged: boolean;
  revoked: boolean;
}

interface TemporaryToken {
  readonly madeWith: LastingToken;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly validUntil: number;
  revoked: boolean;
}

type Judged =
  /** Good now. `token` is the lasting one, or the one that the temporary one was made with. */
  | { readonly kind: 'lasting' | 'temporary'; readonly token: LastingToken }
  | { readonly kind: 'refused'; readonly error: OnezoneError };

export class ProviderTokens implements LiveTokens {
  readonly #lasting = new Map<string, LastingToken>();
  readonly #temporary = new Map<string, TemporaryToken>();
  readonly #clock: EmulatorClock;
  readonly #random: EmulatorRandom;

  constructor(clock: EmulatorClock, random: EmulatorRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The text of a new lasting token; null where one of that name is in use. The name of a revoked one is free again. */
  create(token: Omit<LastingToken, 'revoked'>): string | null {
    if (this.find(token.name)?.revoked === false) return null;
    const text = randomText(this.#random, 48);
    this.#lasting.set(text, { ...token, revoked: false });
    return text;
  }

  /** The newest lasting token of that name. */
  find(name: string): LastingToken | null {
    return this.lasting().findLast((token) => token.name === name) ?? null;
  }

  /** Oldest first. */
  lasting(): readonly LastingToken[] {
    return [...this.#lasting.values()];
  }

  /** Makes a temporary token; `validUntil` was checked before (`token-request.ts`). */
  issue(madeWith: LastingToken, validUntil: number): string {
    const text = randomText(this.#random, 48);
    this.#temporary.set(text, { madeWith, validUntil, revoked: false });
    return text;
  }

  /** Ends all temporary tokens of a provider at once; tells how many lived. */
  revokeTemporary(providerId: string): number {
    const live = [...this.#temporary.values()].filter(
      (token) => this.#lives(token) && token.madeWith.providerId === providerId,
    );
    for (const token of live) token.revoked = true;
    return live.length;
  }

  liveTemporary(): number {
    return [...this.#temporary.values()].filter((token) => this.#lives(token)).length;
  }

  /** What Onezone makes of a credential: `X-Auth-Token` or `Authorization: Bearer`. */
  judge(presented: Presented | null): Judged {
    if (presented === null || !isOurs(presented)) return { kind: 'refused', error: unauthorized };
    const lasting = this.#lasting.get(presented.text);
    if (lasting !== undefined)
      return lasting.revoked ? { kind: 'refused', error: tokenRevoked } : { kind: 'lasting', token: lasting };
    const temporary = this.#temporary.get(presented.text);
    if (temporary === undefined) return { kind: 'refused', error: badToken };
    if (temporary.revoked) return { kind: 'refused', error: tokenRevoked };
    return this.#lives(temporary)
      ? { kind: 'temporary', token: temporary.madeWith }
      : { kind: 'refused', error: timeCaveatUnverified(temporary.validUntil) };
  }

  /** Temporary tokens only: a lasting one is not for shippers. */
  holder(presented: Presented): string | null {
    const judged = this.judge(presented);
    return judged.kind === 'temporary' ? judged.token.name : null;
  }

  #lives(token: TemporaryToken): boolean {
    return !token.revoked && this.#clock() < token.validUntil * 1_000;
  }
}

function isOurs({ carrier }: Presented): boolean {
  return carrier === 'x-auth-token' || carrier === 'bearer';
}

/** The API credentials of an F5 Distributed Cloud tenant. A revoked one is disabled at once and removed some time later. */
import type { LiveTokens, Presented } from '../credentials.ts';
import { randomText, type EmulatorClock, type EmulatorRandom } from '../environment.ts';

export const credentialTypes = [
  'API_CERTIFICATE',
  'KUBE_CONFIG',
  'API_TOKEN',
  'SERVICE_API_TOKEN',
  'SERVICE_API_CERTIFICATE',
  'SERVICE_KUBE_CONFIG',
  'SITE_GLOBAL_KUBE_CONFIG',
  'SCIM_API_TOKEN',
  'SERVICE_SITE_GLOBAL_KUBE_CONFIG',
] as const;
export type CredentialType = (typeof credentialTypes)[number];

export interface F5Credential {
  readonly name: string;
  readonly type: CredentialType;
  /** Milliseconds since 1970-01-01T00:00:00Z; from this moment on it is expired. */
  readonly expiresAtMs: number;
  /** Whether it may revoke others. */
  readonly admin: boolean;
  /** What is sent as `Authorization: APIToken …`. Here every type has one. */
  readonly token: string;
  /** When it was disabled and marked for deletion; null while it is not. */
  readonly markedAtMs: number | null;
}

export class CredentialStore implements LiveTokens {
  /** Milliseconds from the mark to the removal; in force at once, for credentials already marked too. */
  removalMs: number;
  readonly #credentials = new Map<string, F5Credential>();
  readonly #namesByToken = new Map<string, string>();
  readonly #clock: EmulatorClock;
  readonly #random: EmulatorRandom;
  #removed = 0;

  constructor(clock: EmulatorClock, random: EmulatorRandom, removalMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.removalMs = removalMs;
  }

  /** null where the name is taken, be it by a credential that waits for its removal. */
  create(wish: Pick<F5Credential, 'name' | 'type' | 'expiresAtMs' | 'admin'>): F5Credential | null {
    if (this.find(wish.name) !== null) return null;
    const created = { ...wish, token: randomText(this.#random, 36), markedAtMs: null };
    this.#credentials.set(created.name, created);
    this.#namesByToken.set(created.token, created.name);
    return created;
  }

  /** null where there is none, or none any more. */
  find(name: string): F5Credential | null {
    this.#removeDue();
    return this.#credentials.get(name) ?? null;
  }

  list(): readonly F5Credential[] {
    this.#removeDue();
    return [...this.#credentials.values()];
  }

  /** How many were really removed. */
  removed(): number {
    this.#removeDue();
    return this.#removed;
  }

  /** Disables it and marks it for deletion. */
  mark(credential: F5Credential): void {
    this.#credentials.set(credential.name, { ...credential, markedAtMs: this.#clock() });
  }

  expired(credential: F5Credential): boolean {
    return this.#clock() >= credential.expiresAtMs;
  }

  /** The live credential that a request presents: known, not expired, not disabled. */
  live({ carrier, text }: Presented): F5Credential | null {
    if (carrier !== 'api-token') return null;
    const credential = this.find(this.#namesByToken.get(text) ?? '');
    if (credential === null || credential.token !== text || credential.markedAtMs !== null) return null;
    return this.expired(credential) ? null : credential;
  }

  holder(presented: Presented): string | null {
    return this.live(presented)?.name ?? null;
  }

  /** The background removal, as seen by whoever looks: nothing needs a timer. */
  #removeDue(): void {
    for (const { name, token, markedAtMs } of this.#credentials.values()) {
      if (markedAtMs === null || this.#clock() < markedAtMs + this.removalMs) continue;
      this.#credentials.delete(name);
      this.#namesByToken.delete(token);
      this.#removed += 1;
    }
  }
}

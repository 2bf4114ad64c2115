/**
 * What a bulk revocation does to each credential. It never fails as a whole for the sake of one name: an unknown name, one
 * that is marked already, and one that a test has asked to fail are told as failed, and the others are marked.
 */
import type { CredentialStore, F5Credential } from './credential-store.ts';

/** What the API page gives as the longest `error_message`. */
const maxMessage = 1_024;

export interface RevokeAnswer {
  readonly credentials_failed: readonly string[];
  readonly credentials_marked_for_deletion: readonly string[];
  readonly error_message: string;
}

/** Names whose revocation fails on request, always or so many times more. */
export class AskedFailures {
  readonly #left = new Map<string, number | 'always'>();

  /** 0 ends it. */
  set(name: string, times: number | 'always'): void {
    if (times === 0) this.#left.delete(name);
    else this.#left.set(name, times);
  }

  /** Whether this attempt is to fail; it counts. */
  take(name: string): boolean {
    const left = this.#left.get(name);
    if (left === undefined) return false;
    if (left !== 'always') this.set(name, left - 1);
    return true;
  }

  list(): Readonly<Record<string, number | 'always'>> {
    return Object.fromEntries(this.#left);
  }
}

export function revokeAll(
  names: readonly string[],
  store: CredentialStore,
  failures: AskedFailures,
): RevokeAnswer {
  const marked: string[] = [];
  const failed: string[] = [];
  const reasons: string[] = [];
  for (const name of names) {
    const reason = revoke(store.find(name), store, failures);
    if (reason === null) marked.push(name);
    else {
      failed.push(name);
      reasons.push(`${name}: ${reason}`);
    }
  }
  return {
    credentials_failed: failed,
    credentials_marked_for_deletion: marked,
    error_message: shortened(reasons.join('; ')),
  };
}

/** Why it failed; null where it is marked now. */
function revoke(
  credential: F5Credential | null,
  store: CredentialStore,
  failures: AskedFailures,
): string | null {
  if (credential === null) return 'not found';
  if (credential.markedAtMs !== null) return 'already marked for deletion';
  if (failures.take(credential.name)) return 'internal error, try again';
  store.mark(credential);
  return null;
}

function shortened(message: string): string {
  return message.length <= maxMessage ? message : `${message.slice(0, maxMessage - 1)}…`;
}

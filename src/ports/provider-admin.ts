import type { BulkAnswer, CredentialSelection } from '../domain/revocation.ts';
import type { Secret } from '../domain/secret.ts';

/**
 * What an administrator has a server do. A member is absent where the product has nothing like it. Every call sends one
 * request once, and rejects with `SERVER_*` where the server did not do it, or is not known to have: `fields.status` is then the
 * HTTP status, and is missing where no answer came.
 */
export interface ProviderAdmin {
  /** The name must be new at the server. */
  readonly createSecret?: (name: string, signal: AbortSignal) => Promise<CreatedSecret>;
  readonly listSecrets?: (signal: AbortSignal) => Promise<readonly AgentSecretEntry[]>;
  /** Cannot be undone; issued tokens live on. */
  readonly revokeSecret?: (name: string, signal: AbortSignal) => Promise<void>;
  /** Cannot be undone. Takes no more than `atOnce` names. */
  readonly revokeCredentials?: {
    readonly atOnce: number;
    readonly revoke: (selection: CredentialSelection, signal: AbortSignal) => Promise<BulkAnswer>;
  };
  /** All temporary tokens of the one whose credential it is, for good; what mints them lives on. */
  readonly revokeTokens?: (signal: AbortSignal) => Promise<void>;
}

/** One agent secret as the server lists it, without its text. Fields that the server left out are null. */
export interface AgentSecretEntry {
  readonly id: string | null;
  readonly name: string;
  readonly status: string | null;
  readonly modificationTime: string | number | null;
}

export interface CreatedSecret extends Pick<AgentSecretEntry, 'id' | 'name' | 'status'> {
  readonly secret: Secret;
}

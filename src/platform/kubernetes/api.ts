import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Secret } from 'kubernetes-types/core/v1.js';

/**
 * What tokenward asks of a Kubernetes API server: one named Secret and one named Lease. Nothing is created, deleted or listed,
 * so that a Role with `get`, `update` and `watch` by name is enough. Nothing here rejects: an answer tells how a call ended.
 */
export interface KubernetesApi {
  getSecret(at: ObjectName, signal: AbortSignal): Promise<ApiAnswer<Secret>>;
  /** Replaces the object, if `metadata.resourceVersion` is still the one in it; with `dryRun` only says whether it could be. */
  putSecret(
    at: ObjectName,
    object: Secret,
    options: { readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<ApiAnswer<Secret>>;
  /**
   * Tells of every change of the Secret after the version `from`, and of bookmarks, until the server or the network ends the
   * stream. Resolves to how it ended.
   */
  watchSecret(
    at: ObjectName,
    from: string,
    told: (event: SecretEvent) => void,
    signal: AbortSignal,
  ): Promise<WatchEnd>;
  getLease(at: ObjectName, signal: AbortSignal): Promise<ApiAnswer<Lease>>;
  /** As {@link KubernetesApi.putSecret}. */
  putLease(at: ObjectName, object: Lease, signal: AbortSignal): Promise<ApiAnswer<Lease>>;
}

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

export type ApiAnswer<Kind> = { readonly kind: 'object'; readonly object: Kind } | ApiRefusal | ApiSilence;

/** The server answered with an error. One of 500 and above leaves open whether a change was made. */
export interface ApiRefusal {
  readonly kind: 'refused';
  /** HTTP status, 400 and above. */
  readonly status: number;
  /** Of the Status object, such as `Conflict`; empty where there was none. */
  readonly reason: string;
  /** For people; the server's own words. */
  readonly message: string;
  readonly retryAfterMs: number | null;
}

/** No answer came. */
export interface ApiSilence {
  readonly kind: 'silent';
  /** Whether the request may have arrived: then nobody knows whether a change was made. */
  readonly sent: boolean;
  readonly detail: string;
}

export type SecretEvent =
  | { readonly kind: 'changed' | 'deleted'; readonly resourceVersion: string }
  /** Nothing happened up to this version. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string };

export type WatchEnd =
  /** As every stream does after some minutes. */
  | { readonly kind: 'closed' }
  /** The server no longer knows what happened since the version asked for (410): read, and begin anew. */
  | { readonly kind: 'gone' }
  | ApiRefusal
  | ApiSilence;

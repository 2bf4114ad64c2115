import type { Answer, Outcome } from '../domain/outcome.ts';
import type { ProbeVerdict } from '../domain/probe.ts';
import type { ProviderCapabilities } from '../domain/provider-capabilities.ts';
import type { Credential, Fingerprint, Secret } from '../domain/secret.ts';

/** The adapter for one server product. It speaks the product's HTTP and says what an answer means; it decides nothing else. */
export interface Provider {
  readonly name: string;
  readonly capabilities: ProviderCapabilities;

  /**
   * Opens a connection for one exchange (DNS, TCP, proxy, TLS), so that nothing but the request itself is left to fail after
   * the intent is written. Never rejects: a connection that could not be had is the answer `not-sent`.
   */
  connect(signal: AbortSignal): Promise<ExchangeConnection | Extract<Answer, { kind: 'not-sent' }>>;

  /** Pure: what an answer means, by the product's API page. Called again after a restart, with the answer from disk. */
  interpret(answer: Answer): Outcome;

  /**
   * Pure: the new secret in an answer that {@link Provider.interpret} does not understand, read with every leniency; null
   * where none is found, or more than one that it could be. Only for a person who decides to go on from it. `spent` is the
   * secret that was sent, which an answer may quote. Absent where this product does not rotate.
   */
  salvage?(answer: Answer, spent: Fingerprint): Credential | null;

  /** Asks the server with a token whether it still works. Never rejects. Absent where the configuration names no `probe`. */
  probe?(token: Secret, signal: AbortSignal): Promise<ProbeVerdict>;
}

export interface ExchangeConnection {
  /** Sends the exchange once: no retry, no redirect, response body capped at 64 KiB. Never rejects; uses up the connection. */
  exchange(secret: Secret, ttlMs: number, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * What the daemon and its keychain child say to each other: one request as a line of JSON on the child's standard input, one
 * answer as a line on its standard output. Secrets travel on these pipes only, never in arguments or the environment.
 */

export interface KeychainRequest {
  readonly service: string;
  /** Account of a throw-away item, to find out whether the keyring takes writes. */
  readonly probeAccount: string;
  readonly operation: KeychainOperation;
}

export type KeychainOperation =
  /** The answer has the values in this order. The last account is one that is always there once anything is. */
  | { readonly kind: 'read'; readonly accounts: readonly string[] }
  /** The answer has the value that a read gives afterwards. */
  | { readonly kind: 'write'; readonly account: string; readonly value: string }
  | { readonly kind: 'remove'; readonly account: string }
  /** Writes the value as the throw-away item and removes it. */
  | { readonly kind: 'prove'; readonly value: string };

export type KeychainAnswer =
  /** null = the keyring is unlocked, and there is no such item. */
  | { readonly outcome: 'done'; readonly values: readonly (string | null)[] }
  /** It answers, but it does not take a write: locked, or its disk is full. */
  | { readonly outcome: 'write-refused'; readonly detail: string }
  /** Nobody answers: no D-Bus, no Secret Service, or it went away. */
  | { readonly outcome: 'unreachable'; readonly detail: string }
  /** The native part of keytar could not be loaded: libsecret is missing. */
  | { readonly outcome: 'not-loaded'; readonly detail: string };

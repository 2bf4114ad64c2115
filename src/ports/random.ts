/** Where chance comes from: the system's generator in the daemon, a seeded one in tests. */
export interface Random {
  /** Uniform in [0, 1). For jitter, not for keys. */
  fraction(): number;
  /** `count` bytes fit for keys and nonces. */
  bytes(count: number): Uint8Array;
  /** A version 4 UUID (RFC 9562 §5.4). */
  uuid(): string;
}

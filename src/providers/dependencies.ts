import type { TokenHeader } from '../domain/token-header.ts';
import type { HttpClient } from '../platform/http/client.ts';

/** What every provider is made of: one agent's way to its server, and what the configuration says of its tokens. */
export interface ProviderDependencies {
  readonly http: HttpClient;
  /** Epoch milliseconds by the wall clock. */
  readonly wallMs: () => number;
  /** What is asked for with a token to see whether it works; null where nothing is. */
  readonly probe: { readonly path: string } | null;
  readonly tokenHeader: TokenHeader;
}

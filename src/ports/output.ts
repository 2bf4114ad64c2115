import type { Token } from '../domain/token.ts';

/** A place to which an agent's tokens are pushed, such as a token file. */
export interface Output {
  /** For logs and alerts, e.g. the path. */
  readonly name: string;
  /**
   * Brings the place to this token. Rejects where it could not; the caller tries again later and raises an alert. A newer
   * token never waits for an older one.
   */
  publish(token: Token, signal: AbortSignal): Promise<void>;
  /** Takes the token away from the place, for good: nothing is there afterwards. Rejects where it could not, as above. */
  withdraw(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

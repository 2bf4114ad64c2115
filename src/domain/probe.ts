import type { ErrorCode } from './errors.ts';

/** What the server said to a token that was shown to it (`probe` of the configuration). Details never quote the server. */
export type ProbeVerdict =
  | { readonly kind: 'works' }
  /** The token is known to the server no more: revoked, expired, or made up. */
  | { readonly kind: 'rejected'; readonly detail: string }
  /** The server knows who asks, and does not let them: a permission, which no other token would change. */
  | { readonly kind: 'forbidden'; readonly detail: string }
  /** Nothing was learned: unreachable, too slow, in trouble, or an answer that is not the server's. */
  | { readonly kind: 'unknown'; readonly code: ErrorCode; readonly detail: string };

/** HTTP statuses with which servers reject a token: 440 is what VMware's products answer to a session that has ended. */
export const rejectionStatuses: readonly number[] = [401, 403, 440];

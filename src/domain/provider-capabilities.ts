/** What a server product can do. Whatever depends on the product asks for one of these, never for its name. */
export interface ProviderCapabilities {
  /** Trades the secret for tokens. Where it cannot, the secret itself is what shippers send, until its own expiry. */
  readonly exchange: boolean;
  /** Whether an exchange replaces the secret. Where it does not, an unanswered attempt is simply repeated. */
  readonly rotates: boolean;
  /** An administrator can have a secret made for an agent … */
  readonly create: boolean;
  /** … see which there are … */
  readonly list: boolean;
  /** … and revoke one, after which the tokens that it brought live on. */
  readonly revoke: boolean;
  /** An administrator can revoke many credentials at once, which then work no more. */
  readonly bulkRevoke: boolean;
  /** All tokens can be revoked while the secret that mints them lives. */
  readonly revokeTokens: boolean;
}

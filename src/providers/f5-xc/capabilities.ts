import type { ProviderCapabilities } from '../../domain/provider-capabilities.ts';

/** A service credential is made in the console and lives to its expiry; many can be revoked at once (API page "Bulk Revoke service credential"). */
export const f5XcCapabilities: ProviderCapabilities = {
  exchange: false,
  rotates: false,
  create: false,
  list: false,
  revoke: false,
  bulkRevoke: true,
  revokeTokens: false,
};

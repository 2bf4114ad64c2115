import type { ProviderCapabilities } from '../../domain/provider-capabilities.ts';

/** The secret is a token of the Oneprovider itself, and mints temporary ones (API page "Revoke all temporary tokens of current provider"). */
export const onezoneCapabilities: ProviderCapabilities = {
  exchange: true,
  rotates: false,
  create: false,
  list: false,
  revoke: false,
  bulkRevoke: false,
  revokeTokens: true,
};

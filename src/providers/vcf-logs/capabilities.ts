import type { ProviderCapabilities } from '../../domain/provider-capabilities.ts';

/** What the API pages offer. Revoking a secret leaves the tokens that it brought alone (API page "Revoke Agent Secret"). */
export const vcfLogsCapabilities: ProviderCapabilities = {
  exchange: true,
  rotates: true,
  create: true,
  list: true,
  revoke: true,
  bulkRevoke: false,
  revokeTokens: false,
};

import type { ProviderCapabilities } from '../domain/provider-capabilities.ts';
import type { ProviderAdmin } from '../ports/provider-admin.ts';
import type { AdminDependencies } from './admin-caller.ts';
import { createF5XcAdmin } from './f5-xc/admin.ts';
import { f5XcCapabilities } from './f5-xc/capabilities.ts';
import { createOnezoneAdmin } from './onezone/admin.ts';
import { onezoneCapabilities } from './onezone/capabilities.ts';
import { createVcfLogsAdmin } from './vcf-logs/admin.ts';
import { vcfLogsCapabilities } from './vcf-logs/capabilities.ts';

/** What can be administered at some product. */
export type Administrable = keyof Pick<
  ProviderCapabilities,
  'create' | 'list' | 'revoke' | 'bulkRevoke' | 'revokeTokens'
>;

interface Administration {
  /** {@link ProviderAdmin} has the members for what of this can be administered. */
  readonly capabilities: ProviderCapabilities;
  readonly open: (dependencies: AdminDependencies) => ProviderAdmin;
}

/** The administration of each product, by the name that it has in the configuration. */
const administrations: Readonly<Record<string, Administration>> = {
  'vcf-logs': { capabilities: vcfLogsCapabilities, open: createVcfLogsAdmin },
  onezone: { capabilities: onezoneCapabilities, open: createOnezoneAdmin },
  'f5-xc': { capabilities: f5XcCapabilities, open: createF5XcAdmin },
};

/** The products at which this can be done. */
export function productsThat(can: Administrable): readonly string[] {
  return Object.keys(administrations).filter((name) => administrations[name]?.capabilities[can] === true);
}

/** Nothing can be done at a product that is not known. Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function openAdministration(provider: string, dependencies: AdminDependencies): ProviderAdmin {
  return Object.hasOwn(administrations, provider)
    ? (administrations[provider]?.open(dependencies) ?? {})
    : {};
}

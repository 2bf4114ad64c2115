import type { ProviderCapabilities } from '../domain/provider-capabilities.ts';
import type { ProviderAdmin } from '../ports/provider-admin.ts';
import type { AdminDependencies } from './admin-caller.ts';
import { createF5XcAdmin } from './f5-xc/admin.ts';
import { createOnezoneAdmin } from './onezone/admin.ts';
import { createVcfLogsAdmin } from './vcf-logs/admin.ts';

/** What can be administered at some product. */
export type Administrable = keyof Pick<
  ProviderCapabilities,
  'create' | 'list' | 'revoke' | 'bulkRevoke' | 'revokeTokens'
>;

interface Administration {
  /** The capabilities whose members {@link ProviderAdmin} has here. */
  readonly can: readonly Administrable[];
  readonly open: (dependencies: AdminDependencies) => ProviderAdmin;
}

/** The administration of each product, by the name that it has in the configuration. */
const administrations: Readonly<Record<string, Administration>> = {
  'vcf-logs': { can: ['create', 'list', 'revoke'], open: createVcfLogsAdmin },
  onezone: { can: ['revokeTokens'], open: createOnezoneAdmin },
  'f5-xc': { can: ['bulkRevoke'], open: createF5XcAdmin },
};

/** The products at which this can be done. */
export function productsThat(can: Administrable): readonly string[] {
  return Object.keys(administrations).filter((name) => administrations[name]?.can.includes(can));
}

/** Nothing can be done at a product that is not known. Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function openAdministration(provider: string, dependencies: AdminDependencies): ProviderAdmin {
  return Object.hasOwn(administrations, provider)
    ? (administrations[provider]?.open(dependencies) ?? {})
    : {};
}

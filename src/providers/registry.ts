import { TokenwardError } from '../domain/errors.ts';
import type { Provider } from '../ports/provider.ts';
import type { ProviderDependencies } from './dependencies.ts';
import { createF5XcProvider } from './f5-xc/f5-xc.ts';
import { createOnezoneProvider } from './onezone/onezone.ts';
import { createVcfLogsProvider } from './vcf-logs/vcf-logs.ts';

/** Each server product by the name it has in the configuration. */
const providers = {
  'vcf-logs': createVcfLogsProvider,
  onezone: createOnezoneProvider,
  'f5-xc': createF5XcProvider,
} as const satisfies Record<string, (dependencies: ProviderDependencies) => Provider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as readonly ProviderName[];

/** Throws `CONFIG_INVALID` for a name that is none of {@link providerNames}, and where the product cannot do without what is null. */
export function createProvider(name: string, dependencies: ProviderDependencies): Provider {
  if (!isProviderName(name)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      `the provider ${name} is not known: set provider to ${providerNames.join(' or ')}`,
    );
  }
  return providers[name](dependencies);
}

function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(providers, name);
}

import { TokenwardError } from '../domain/errors.ts';
import type { HttpClient } from '../platform/http/client.ts';
import type { Provider } from '../ports/provider.ts';
import { createVcfLogsProvider } from './vcf-logs/vcf-logs.ts';

export interface ProviderDependencies {
  readonly http: HttpClient;
}

/** Each server product by the name it has in the configuration. */
const providers = {
  'vcf-logs': createVcfLogsProvider,
} as const satisfies Record<string, (dependencies: ProviderDependencies) => Provider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as readonly ProviderName[];

/** Throws `CONFIG_INVALID` for a name that is none of {@link providerNames}. */
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

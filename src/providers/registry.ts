import { TokenwardError } from '../domain/errors.ts';
import type { ProviderCapabilities } from '../domain/provider-capabilities.ts';
import type { Provider } from '../ports/provider.ts';
import type { ProviderDependencies } from './dependencies.ts';
import { f5XcCapabilities } from './f5-xc/capabilities.ts';
import { createF5XcProvider } from './f5-xc/f5-xc.ts';
import { onezoneCapabilities } from './onezone/capabilities.ts';
import { createOnezoneProvider } from './onezone/onezone.ts';
import { vcfLogsCapabilities } from './vcf-logs/capabilities.ts';
import { createVcfLogsProvider } from './vcf-logs/vcf-logs.ts';

interface Product {
  readonly capabilities: ProviderCapabilities;
  readonly create: (dependencies: ProviderDependencies) => Provider;
}

/** Each server product by the name it has in the configuration. */
const products = {
  'vcf-logs': { capabilities: vcfLogsCapabilities, create: createVcfLogsProvider },
  onezone: { capabilities: onezoneCapabilities, create: createOnezoneProvider },
  'f5-xc': { capabilities: f5XcCapabilities, create: createF5XcProvider },
} as const satisfies Record<string, Product>;

export type ProviderName = keyof typeof products;

export const providerNames = Object.keys(products) as readonly ProviderName[];

/** Throws `CONFIG_INVALID` for a name that is none of {@link providerNames}, and for what the product cannot do without. */
export function createProvider(name: string, dependencies: ProviderDependencies): Provider {
  return productOf(name).create(dependencies);
}

/** What the product can do, without an agent of it. Throws `CONFIG_INVALID` for a name that is none of {@link providerNames}. */
export function capabilitiesOf(name: string): ProviderCapabilities {
  return productOf(name).capabilities;
}

function productOf(name: string): Product {
  if (isProviderName(name)) return products[name];
  throw new TokenwardError(
    'CONFIG_INVALID',
    `the provider ${name} is not known: set provider to ${providerNames.join(' or ')}`,
  );
}

function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(products, name);
}

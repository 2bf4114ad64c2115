import type { ProviderCapabilities } from '../domain/provider-capabilities.ts';

/**
 * What the configuration and the commands need to know of each product before there is a provider. The providers say the same of
 * themselves (a test holds that); whoever reads a configuration does not have to load them.
 */
interface Product extends Pick<ProviderCapabilities, 'exchange' | 'rotates' | 'create' | 'list'> {
  /** How the product wants to be shown a token. */
  readonly tokenHeader: { readonly name: string; readonly scheme: string | null };
}

export const products = {
  'vcf-logs': {
    exchange: true,
    rotates: true,
    create: true,
    list: true,
    tokenHeader: { name: 'Authorization', scheme: 'Bearer' },
  },
  onezone: {
    exchange: true,
    rotates: false,
    create: false,
    list: false,
    tokenHeader: { name: 'X-Auth-Token', scheme: null },
  },
  'f5-xc': {
    exchange: false,
    rotates: false,
    create: false,
    list: false,
    tokenHeader: { name: 'Authorization', scheme: 'APIToken' },
  },
} as const satisfies Record<string, Product>;

export type ProductName = keyof typeof products;

export const productNames = Object.keys(products) as [ProductName, ...ProductName[]];

export function isProductName(name: unknown): name is ProductName {
  return typeof name === 'string' && Object.hasOwn(products, name);
}

/**
 * What the rules of the configuration need to know of each product. The providers say the same of themselves (a test holds that);
 * they are not asked, so that a configuration can be read without them.
 */
interface Product {
  /** Without one, the secret is the token, and ends when the configuration says so. */
  readonly exchange: boolean;
  /** Whether an exchange replaces the secret. */
  readonly rotates: boolean;
  /** How the product wants to be shown a token. */
  readonly tokenHeader: { readonly name: string; readonly scheme: string | null };
}

export const products = {
  'vcf-logs': {
    exchange: true,
    rotates: true,
    tokenHeader: { name: 'Authorization', scheme: 'Bearer' },
  },
  onezone: {
    exchange: true,
    rotates: false,
    tokenHeader: { name: 'X-Auth-Token', scheme: null },
  },
  'f5-xc': {
    exchange: false,
    rotates: false,
    tokenHeader: { name: 'Authorization', scheme: 'APIToken' },
  },
} as const satisfies Record<string, Product>;

export type ProductName = keyof typeof products;

export const productNames = Object.keys(products) as readonly ProductName[];

/** null for what is no product's name. */
export function productNamed(name: unknown): Product | null {
  return typeof name === 'string' && Object.hasOwn(products, name) ? products[name as ProductName] : null;
}

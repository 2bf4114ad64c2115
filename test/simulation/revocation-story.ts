import type { StoreKind } from '../../src/domain/status.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { revocationKinds, type RevocationKind } from './fault-kinds.ts';
import type { Happening } from './happening.ts';
import { drawProduct, type Product } from './product.ts';

/**
 * What a seed says of the product, and of tokens and credentials that die before their time. It is drawn from a source of its
 * own, so that everything else that a seed tells stays what it was. Of the stories with a secret that rotates, a part knows none
 * of this.
 */

interface Drawn {
  readonly product: Product;
  /** Called once: in no order of time. */
  readonly drawn: (setting: { readonly store: StoreKind; readonly hosts: number }) => readonly Happening[];
}

/** Of which seed tells what; seeds that are kept for what they have shown tell what they always told. */
const salt = 0x187;

const day = 24 * 60 * 60_000;

export function drawRevocations(
  seed: number,
  { days, policy }: { readonly days: number; readonly policy?: RotationPolicy },
  fleet: boolean,
): Drawn {
  const random = new SeededRandom(seed ^ salt);
  const product = productFor(policy, drawProduct(random));
  const none = fleet || (product.kind === 'rotating' && random.below(2) === 0);
  const perDay = random.pick([2, 3, 4, 8]);
  if (none) return { product: product.kind === 'rotating' ? plain : product, drawn: () => [] };
  const number = Math.max(2, Math.round(days > 1 ? (perDay * days) / 3 : perDay));
  return {
    product,
    drawn: ({ store, hosts }) => {
      const kinds = drawnWith(product, store);
      return Array.from({ length: number }, () => ({
        atMs: random.below(days * day),
        host: random.below(hosts),
        fault: random.pick(kinds),
      }));
    },
  };
}

const plain: Product = { kind: 'rotating', probeEveryMs: null };

/** Only a secret that rotates has a policy of its own. */
function productFor(policy: RotationPolicy | undefined, product: Product): Product {
  return policy === undefined || policy === 'reusable' || product.kind === 'rotating' ? product : plain;
}

/** How often a kind is drawn against the others; most are 2. */
const weights: Readonly<Partial<Record<RevocationKind, number>>> = {
  'tokens-revoked': 8,
  'false-report': 3,
  'permission-missing': 3,
  'secret-file-dropped': 3,
};

function drawnWith(
  { kind, probeEveryMs }: Product,
  store: StoreKind,
): readonly [RevocationKind, ...RevocationKind[]] {
  const possible = revocationKinds.filter((each) => {
    if (each.startsWith('probe-')) return probeEveryMs !== null;
    if (each.startsWith('tokens-')) return kind === 'minting';
    return each !== 'disk-full-after-report' || store !== 'memory';
  });
  return [
    'false-report',
    ...possible.flatMap((each) => Array<RevocationKind>(weights[each] ?? 2).fill(each)),
  ];
}

import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { openAdministration, productsThat } from '../../src/providers/admin-registry.ts';

/** The member of an administration for each thing that a product can do. */
const members = {
  create: 'createSecret',
  list: 'listSecrets',
  revoke: 'revokeSecret',
  bulkRevoke: 'revokeCredentials',
  revokeTokens: 'revokeTokens',
} as const;

const tasks = Object.keys(members) as readonly (keyof typeof members)[];
const dependencies = {
  http: null as never,
  credential: new Secret('credential'),
  anotherName: (name: string) => name,
};

describe('the administration of a product', () => {
  it.each(['vcf-logs', 'onezone', 'f5-xc'])(
    '%s has a member for each of its capabilities, and no more',
    (product) => {
      const listed = tasks.filter((task) => productsThat(task).includes(product));
      expect(listed.length).toBeGreaterThan(0);
      expect(Object.keys(openAdministration(product, dependencies)).toSorted()).toEqual(
        listed.map((task) => members[task]).toSorted(),
      );
    },
  );

  it('is empty for a product that is not known', () => {
    expect(openAdministration('toString', dependencies)).toEqual({});
  });
});

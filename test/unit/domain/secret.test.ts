import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';

const text = 'a-text-that-nobody-should-see';
const secret = new Secret(text);

describe('a secret', () => {
  it.each([
    ['String()', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { showHidden: true, depth: 9 })],
    ['an error around it', inspect(new Error('failed', { cause: secret }))],
    ['its own keys', JSON.stringify(Object.getOwnPropertyNames(secret))],
    ['a copy', JSON.stringify(Object.assign({}, secret))],
  ])('does not show in %s', (_what, shown) => {
    expect(shown).not.toContain(text);
  });

  it('is told only to who asks for it', () => {
    expect(secret.reveal()).toBe(text);
  });
});

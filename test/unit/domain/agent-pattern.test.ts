import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAgentName, meansAgent } from '../../../src/domain/agent-pattern.ts';

it.each([
  ['web-01', 'web-01', true],
  ['web-01', 'web-011', false],
  ['web', 'web-01', false],
  ['*', '', true],
  ['web-*', 'web-01', true],
  ['*-01', 'web-01', true],
  ['w*b*1', 'web-web-01', true],
  ['a.b', 'aab', false],
  ['a*a', 'a', false],
])('%s means %s: %s', (pattern, name, meant) => {
  expect(meansAgent(pattern, name)).toBe(meant);
});

const letters = (...alphabet: string[]) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });

it('agrees with a regular expression', () => {
  fc.assert(
    fc.property(letters('a', 'b', '*'), letters('a', 'b'), (pattern, name) => {
      expect(meansAgent(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});

it('is quick about a name that was made to be slow', () => {
  expect(meansAgent(`${'a*'.repeat(31)}b`, 'a'.repeat(8_000))).toBe(false);
});

it.each([
  ['a', true],
  ['a.b_c-1', true],
  ['-a', false],
  ['A', false],
  ['', false],
  ['a'.repeat(64), false],
])('%s can be a name: %s', (text, can) => {
  expect(isAgentName(text)).toBe(can);
});

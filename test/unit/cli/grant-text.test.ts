import { expect, it } from 'vitest';
import { grantText } from '../../../src/cli/grant-text.ts';
import { active, unprovisioned } from './statuses.ts';

it('tells the generation and how long the token lives', () => {
  expect(grantText(active)).toBe('generation 7, token valid until 2027-01-01T12:29:59Z (29m59s)');
});

it('does without a token', () => {
  expect(grantText(unprovisioned)).toBe('generation 0');
});

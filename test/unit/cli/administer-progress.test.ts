import { describe, expect, it } from 'vitest';
import { progressText } from '../../../src/cli/administer/progress.ts';

describe('the bar of a revocation', () => {
  it.each([
    [0, 0, '[------------------------------] 0 of 450'],
    [147, 3, '[##########--------------------] 150 of 450, 3 failed'],
    [450, 0, '[##############################] 450 of 450'],
  ])('with %d done and %d failed', (done, failed, text) => {
    expect(progressText({ done, failed }, 450)).toBe(text);
  });
});

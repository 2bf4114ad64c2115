import { describe, expect, it } from 'vitest';
import { secretAdvice, wayOut } from '../../../src/domain/way-out.ts';

describe('who makes no secret on request', () => {
  it.each(['SECRET_ABSENT', 'SECRET_REVOKED', 'STATE_CLONED', 'SERVER_CHANGED'] as const)(
    'cannot be enrolled with: %s',
    (code) => {
      expect(wayOut(code, 'acme', false)).toContain('`tokenward import acme`');
      expect(wayOut(code, 'acme', false)).not.toContain('enroll');
      expect(wayOut(code, 'acme', true)).toContain('run `tokenward enroll acme` or `tokenward import acme`');
    },
  );

  it('has other reasons for not taking one', () => {
    expect(secretAdvice({ agent: 'acme', creates: false })).toMatch(
      /has not ended: `tokenward import acme`$/,
    );
    expect(secretAdvice({ agent: 'acme', creates: true })).toMatch(/or run `tokenward enroll acme`$/);
  });
});

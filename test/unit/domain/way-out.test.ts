import { describe, expect, it } from 'vitest';
import { secretAdvice, wayOut } from '../../../src/domain/way-out.ts';

describe('who makes no secret on request', () => {
  it.each(['SECRET_ABSENT', 'SECRET_REVOKED', 'STATE_CLONED', 'SERVER_CHANGED'] as const)(
    'cannot be enrolled with: %s',
    (code) => {
      expect(wayOut(code, 'edge', false)).toContain('`tokenward import edge`');
      expect(wayOut(code, 'edge', false)).not.toContain('enroll');
      expect(wayOut(code, 'edge', true)).toContain('run `tokenward enroll edge` or `tokenward import edge`');
    },
  );

  it('has other reasons for not taking one', () => {
    expect(secretAdvice({ agent: 'edge', creates: false })).toMatch(
      /has not ended: `tokenward import edge`$/,
    );
    expect(secretAdvice({ agent: 'edge', creates: true })).toMatch(/or run `tokenward enroll edge`$/);
  });
});

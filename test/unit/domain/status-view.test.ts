import { describe, expect, it } from 'vitest';
import { addMs } from '../../../src/domain/stamp.ts';
import { statusOf, untilNextRefreshMs } from '../../../src/domain/status-view.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { attempt, held, minute, now, record, refusal, state, token, trouble } from './fixtures.ts';

describe('the status of an agent', () => {
  it('has everything that the local API promises', () => {
    const lastExchange = { at: addMs(now, -minute), outcome: 'granted', code: null };
    expect(statusOf(state({ record: record({ lastExchange }) }), now)).toEqual({
      agent: 'web-01',
      provider: 'vcf-logs',
      state: 'active',
      token: {
        status: 'valid',
        sequence: 3,
        fingerprint: token().fingerprint,
        expires_at: '2026-01-01T12:29:00Z',
        expires_in: 1740,
      },
      secret: { status: 'held', generation: 3, store: 'file', persisted: true },
      next_refresh_at: '2026-01-01T12:21:30Z',
      last_exchange: { at: '2026-01-01T11:59:00Z', outcome: 'granted', code: null },
      alerts: [],
    });
  });

  it('of an agent without a secret says so', () => {
    expect(statusOf(state({ record: null, current: null, token: null }), now)).toMatchObject({
      state: 'unprovisioned',
      token: { status: 'none', sequence: 0, fingerprint: null, expires_at: null, expires_in: null },
      secret: { status: 'absent', generation: 0 },
      next_refresh_at: null,
      last_exchange: null,
    });
  });

  it.each([
    [
      'a token that ended',
      { token: token({ sentAt: addMs(now, -31 * minute) }) },
      { status: 'expired', expires_in: 0, expires_at: '2026-01-01T11:59:00Z' },
    ],
    [
      'half a second left is not a whole one',
      { token: token({ sentAt: addMs(now, -30 * minute + 500) }) },
      { status: 'valid', expires_in: 0 },
    ],
    ['no token, but the number of the last one', { token: null }, { status: 'none', sequence: 3 }],
  ] as const)('shows %s', (_what, over, expected) => {
    expect(statusOf(state(over), now).token).toMatchObject(expected);
  });

  it('of a revoked secret says how long its token is still served', () => {
    const status = statusOf(state({ record: record({ refusal: refusal('refused') }) }), now);
    expect(status).toMatchObject({ state: 'revoked', token: { status: 'valid', expires_in: 1740 } });
    expect(status.alerts.map((alert) => alert.code)).toEqual(['SECRET_REVOKED']);
  });

  it('says that a secret is not persisted', () => {
    expect(statusOf(state({ unsaved: trouble('SECRET_NOT_PERSISTED') }), now).secret).toMatchObject({
      status: 'memory_only',
      persisted: false,
    });
  });

  it('never holds the text of a secret or a token', () => {
    const texts = { current: held('s3cret-text', 3), token: token(credential('t0ken-text')) };
    const text = JSON.stringify(statusOf(state(texts), now));
    expect(text).not.toMatch(/s3cret-text|t0ken-text/);
    expect(text).toContain(credential('t0ken-text').fingerprint);
  });
});

describe('the next planned exchange', () => {
  it.each([
    ['as planned', {}, 21.5 * minute],
    ['now', { token: null }, 0],
    ['under way', { phase: { name: 'exchanging', attempt: attempt() } }, 0],
    ['none: blocked', { blocked: trouble('STATE_CLONED') }, null],
    [
      'none: a standby',
      { opened: false, heldElsewhere: { holderPid: 7 }, backoffUntil: addMs(now, 900) },
      null,
    ],
    ['none: stopped', { phase: { name: 'stopped' } }, null],
  ] as const)('%s', (_what, over, expected) => {
    expect(untilNextRefreshMs(state(over), now)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { onceFailure, onceVerdict, type Standing } from '../../../src/domain/once.ts';
import { statusOf } from '../../../src/domain/status-view.ts';
import type { AgentLabel, AgentStatus, Severity } from '../../../src/domain/status.ts';
import { now, state } from './fixtures.ts';

const usual = statusOf(state(), now);

function standing(over: Partial<AgentStatus> = {}, more: Partial<Standing> = {}): Standing {
  const status = { ...usual, ...over };
  return {
    status,
    known: true,
    held: null,
    nextRefreshMs: 60_000,
    creates: true,
    mayBeGiven: false,
    ...more,
  };
}

const none = { ...usual.token, status: 'none' } as const;
const alert = (code: ErrorCode, severity: Severity = 'critical') => ({
  code,
  severity,
  since: '2026-01-01T12:00:00Z',
  summary: `it is ${code}`,
});

describe('whether an agent has what is wanted', () => {
  it.each([
    ['a valid token', standing(), 'ready'],
    ['a valid token of a refused secret', standing({ state: 'revoked' }), 'ready'],
    ['a valid token, past its refresh', standing({}, { nextRefreshMs: 0 }), 'wait'],
    ['one that is never refreshed', standing({}, { nextRefreshMs: null }), 'ready'],
    [
      'a token whose secret is not saved',
      standing({ secret: { ...usual.secret, persisted: false } }),
      'wait',
    ],
    ['none yet', standing({ token: none, state: 'acquiring' }), 'wait'],
    ['another holder', standing({ token: none, state: 'standby' }), 'wait'],
  ] as const)('%s', (_what, given, verdict) => {
    expect(onceVerdict(given)).toBe(verdict);
  });

  it.each(['revoked', 'lost', 'blocked', 'unprovisioned'] satisfies AgentLabel[])(
    '%s: time helps only where a secret may come',
    (label) => {
      const over = { token: none, state: label };
      expect(onceVerdict(standing(over))).toBe('hopeless');
      expect(onceVerdict(standing(over, { mayBeGiven: true }))).toBe('wait');
    },
  );

  it.each(['STATE_UNREADABLE', 'STORE_MISMATCH'] satisfies ErrorCode[])('%s: none is taken', (code) => {
    const over = { token: none, state: 'blocked', alerts: [alert(code)] } as const;
    expect(onceVerdict(standing(over, { mayBeGiven: true }))).toBe('hopeless');
  });
});

describe('why an agent failed', () => {
  const missing = { token: none, state: 'acquiring' } as const;

  it.each([
    [
      'the gravest alert',
      { ...missing, alerts: [alert('IN_DOUBT', 'warning'), alert('SERVER_UNREACHABLE')] },
    ],
    ['the only one', { ...missing, alerts: [alert('SERVER_UNREACHABLE', 'warning')] }],
  ] as const)('%s', (_what, over) => {
    const { code, detail } = onceFailure(standing(over), true);
    expect([code, detail]).toEqual(['SERVER_UNREACHABLE', 'it is SERVER_UNREACHABLE']);
  });

  it.each([
    [
      'held elsewhere',
      standing(missing, { held: { holderPid: 7 } }),
      'AGENT_HELD',
      'process 7 holds the agent',
    ],
    ['no secret', standing({ ...missing, state: 'unprovisioned' }), 'SECRET_ABSENT', 'no secret yet; run'],
    [
      'not even opened',
      standing({ ...missing, state: 'unprovisioned' }, { known: false }),
      'TOKEN_UNAVAILABLE',
      '--deadline',
    ],
    ['too slow', standing(missing), 'TOKEN_UNAVAILABLE', 'no token before the deadline'],
  ] as const)('%s', (_what, given, code, words) => {
    const failure = onceFailure(given, false);
    expect(failure.code).toBe(code);
    expect(failure.detail).toContain(words);
  });

  it('no secret, where the server makes none', () => {
    const { detail } = onceFailure(
      standing({ ...missing, state: 'unprovisioned' }, { creates: false }),
      false,
    );
    expect(detail).toContain('run `tokenward import web-01`');
  });

  it('told to end', () => {
    expect(onceFailure(standing(missing), true).code).toBe('INTERRUPTED');
  });
});

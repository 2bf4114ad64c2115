import { describe, expect, it } from 'vitest';
import { alertLines, grantText, statusTable } from '../../src/cli/status-text.ts';
import type { AgentStatus } from '../../src/domain/status.ts';

const now = new Date('2027-01-01T00:00:00Z');

const active: AgentStatus = {
  agent: 'web-01',
  provider: 'vcf-logs',
  state: 'active',
  token: {
    status: 'valid',
    sequence: 9,
    fingerprint: null,
    expires_at: '2027-01-01T00:29:59Z',
    expires_in: 1799,
  },
  secret: { status: 'held', generation: 7, store: 'file', persisted: true },
  next_refresh_at: '2027-01-01T00:22:30Z',
  last_exchange: null,
  alerts: [],
};

const empty: AgentStatus = {
  ...active,
  agent: 'a-much-longer-name',
  state: 'unprovisioned',
  token: { status: 'none', sequence: 0, fingerprint: null, expires_at: null, expires_in: null },
  secret: { status: 'absent', generation: 0, store: 'keychain', persisted: true },
  next_refresh_at: null,
};

const revoked: AgentStatus = {
  ...active,
  state: 'revoked',
  alerts: [
    {
      code: 'SECRET_REVOKED',
      severity: 'critical',
      since: '2027-01-01T00:00:00Z',
      summary: 'the secret was revoked; run `tokenward enroll web-01`',
    },
  ],
};

describe('statusTable', () => {
  it('has a line for each agent and one word in each cell', () => {
    const table = statusTable([active, empty], now);
    expect(table).toEqual([
      'AGENT               STATE          TOKEN  EXPIRES-IN  NEXT-REFRESH  SECRET  GENERATION',
      'web-01              active         valid  29m59s      22m30s        held    7',
      'a-much-longer-name  unprovisioned  none   -           -             absent  0',
    ]);
    expect(new Set(table.map((line) => line.split(/ +/).length))).toEqual(new Set([7]));
  });

  it('is a header where there is no agent', () => {
    expect(statusTable([], now)).toHaveLength(1);
  });
});

describe('alertLines', () => {
  it('names agent, severity, code and time, and gives the advice', () => {
    expect(alertLines([active, revoked])).toEqual([
      '',
      'web-01: critical SECRET_REVOKED since 2027-01-01T00:00:00Z',
      '  the secret was revoked; run `tokenward enroll web-01`',
    ]);
  });
});

describe('grantText', () => {
  it('tells the generation and how long the token lives', () => {
    expect(grantText(active)).toBe('generation 7, token valid until 2027-01-01T00:29:59Z (29m59s)');
  });

  it('does without a token', () => {
    expect(grantText(empty)).toBe('generation 0');
  });
});

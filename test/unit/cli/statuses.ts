import type { AgentStatus } from '../../../src/domain/status.ts';

/** Statuses as a daemon answers them at {@link now}. */

export const now = new Date('2027-01-01T12:00:00Z');

export const active: AgentStatus = {
  agent: 'web-01',
  provider: 'vcf-logs',
  state: 'active',
  token: {
    status: 'valid',
    sequence: 9,
    fingerprint: null,
    expires_at: '2027-01-01T12:29:59Z',
    expires_in: 1799,
  },
  secret: { status: 'held', generation: 7, store: 'file', persisted: true },
  next_refresh_at: '2027-01-01T12:22:30Z',
  last_exchange: { at: '2027-01-01T11:59:59Z', outcome: 'granted', code: null },
  alerts: [],
};

export const unprovisioned: AgentStatus = {
  ...active,
  state: 'unprovisioned',
  token: { status: 'none', sequence: 0, fingerprint: null, expires_at: null, expires_in: null },
  secret: { status: 'absent', generation: 0, store: 'keychain', persisted: true },
  next_refresh_at: null,
  last_exchange: null,
};

export const revoked: AgentStatus = {
  ...active,
  agent: 'web-02',
  state: 'revoked',
  secret: { ...active.secret, status: 'refused' },
  next_refresh_at: null,
  alerts: [
    {
      code: 'SECRET_REVOKED',
      severity: 'critical',
      since: '2027-01-01T11:50:00Z',
      summary: 'the server refuses the secret; run `tokenward enroll web-02` or `tokenward import web-02`',
    },
  ],
};

export const expired: AgentStatus = {
  ...active,
  agent: 'web-03',
  state: 'expired',
  token: { ...active.token, status: 'expired', expires_at: '2027-01-01T11:57:00Z', expires_in: 0 },
  next_refresh_at: '2027-01-01T12:00:00Z',
};

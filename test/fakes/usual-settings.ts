import type { AgentSettings } from '../../src/domain/agent-state.ts';

/** What the defaults of the configuration make of an agent of VCF Operations for Logs with the file store. */
export const usualSettings: AgentSettings = {
  agent: 'web-01',
  provider: 'vcf-logs',
  store: 'file',
  rotates: true,
  exchange: true,
  creates: true,
  tokensRevocable: false,
  probeEveryMs: null,
  expiresAtMs: null,
  inDoubt: 'replay_once',
  ttlMs: 30 * 60_000,
  refresh: { at: 0.75, jitter: 0.1 },
  maxExchangesPerMinute: 6,
  exchangeDeadlineMs: 15_000,
  origin: 'https://logs.example.com',
  exchanges: true,
};

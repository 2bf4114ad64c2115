import { describe, expect, it } from 'vitest';
import {
  nothingTold,
  type ServiceAgent,
  serviceReport,
  type ServiceStage,
  stuckAgents,
} from '../../../src/domain/service-report.ts';
import type { AgentLabel, AgentStatus } from '../../../src/domain/status.ts';

interface AgentOptions {
  readonly agent?: string;
  readonly expiresIn?: number | null;
  readonly nextRefreshInMs?: number | null;
  readonly answers?: boolean;
}

function agentThatIs(
  state: AgentLabel,
  { agent = 'web-01', expiresIn = null, nextRefreshInMs = null, answers = true }: AgentOptions = {},
): ServiceAgent {
  const status: AgentStatus = {
    agent,
    provider: 'vcf-logs',
    state,
    token: {
      status: expiresIn === null ? 'none' : 'valid',
      sequence: 1,
      fingerprint: null,
      expires_at: null,
      expires_in: expiresIn,
    },
    secret: { status: 'held', generation: 1, store: 'file', persisted: true },
    next_refresh_at: null,
    last_exchange: null,
    alerts: [],
  };
  return { status, nextRefreshInMs, answers };
}

function linesFor(
  agents: readonly ServiceAgent[],
  { stage = 'serving', watchdog = false }: { stage?: ServiceStage; watchdog?: boolean } = {},
  told = nothingTold,
) {
  return serviceReport({ stage, agents, watchdog, extendMs: 60_000 }, told).lines;
}

const active = agentThatIs('active', { expiresIn: 1700, nextRefreshInMs: 1_320_000 });

describe('ready', () => {
  it('is told once, when a token is served', () => {
    const first = serviceReport(
      { stage: 'serving', agents: [active], watchdog: false, extendMs: 1 },
      nothingTold,
    );
    expect(first.lines).toEqual(['READY=1', 'STATUS=web-01 active, next refresh in 22 min']);
    expect(linesFor([active], {}, first.told)).toEqual([]);
  });

  it('is not told before all listeners are bound', () => {
    expect(linesFor([active], { stage: 'starting' })).toEqual([
      'STATUS=starting',
      'EXTEND_TIMEOUT_USEC=60000000',
    ]);
  });

  it.each(['unprovisioned', 'revoked', 'lost', 'blocked'] as const)(
    'is told of an agent that is %s, which only a person can change',
    (state) => {
      expect(linesFor([agentThatIs(state)])).toEqual([
        'READY=1',
        `STATUS=web-01 ${state}, waits for a person: tokenward status web-01`,
      ]);
    },
  );

  it.each([
    ['acquiring', 30_000, 'next try in 30 s'],
    ['acquiring', 0, 'try under way'],
    ['expired', 200_000, 'next try in 3 min'],
  ] as const)('waits, without end, for an agent that is %s (%d ms)', (state, nextRefreshInMs, what) => {
    expect(linesFor([agentThatIs(state, { nextRefreshInMs })])).toEqual([
      `STATUS=web-01 ${state}, ${what}`,
      'EXTEND_TIMEOUT_USEC=60000000',
    ]);
  });

  it('waits for a standby', () => {
    expect(linesFor([agentThatIs('standby')], { stage: 'starting' })).toEqual([
      'STATUS=standby, another process holds the agents',
      'EXTEND_TIMEOUT_USEC=60000000',
    ]);
  });

  it('is told when one of several is served and the others have had their try', () => {
    const trying = agentThatIs('acquiring', { agent: 'web-02', nextRefreshInMs: 0 });
    const failed = agentThatIs('acquiring', { agent: 'web-02', nextRefreshInMs: 2_000 });
    expect(linesFor([active, trying])).not.toContain('READY=1');
    expect(linesFor([active, failed])).toContain('READY=1');
  });

  it('is not taken back when the token expires', () => {
    const told = { ready: true, status: '' };
    expect(linesFor([agentThatIs('expired', { nextRefreshInMs: 5_000 })], {}, told)).toEqual([
      'STATUS=web-01 expired, next try in 10 s',
    ]);
  });
});

describe('the status text', () => {
  it('names those first who need a person, and how long their token still works', () => {
    const agents = [
      active,
      agentThatIs('degraded', { agent: 'web-02', expiresIn: 90, nextRefreshInMs: 41_000 }),
      agentThatIs('revoked', { agent: 'web-03', expiresIn: 720 }),
    ];
    expect(linesFor(agents)).toContain(
      'STATUS=web-03 revoked, token valid for 12 min, waits for a person: tokenward status web-03; web-02 degraded, token valid for 90 s, next try in 40 s; web-01 active, next refresh in 22 min',
    );
  });

  it('counts those who do not fit', () => {
    const agents = Array.from({ length: 9 }, (_, index) => agentThatIs('standby', { agent: `a${index}` }));
    expect(linesFor(agents)[0]).toBe(
      'STATUS=a0 standby; a1 standby; a2 standby; a3 standby; a4 standby; and 4 more',
    );
  });

  it.each([
    [4_000, '10 s'],
    [119_000, '120 s'],
    [125_000, '2 min'],
    [3 * 3_600_000, '3 h'],
    [90 * 86_400_000, '90 d'],
  ])('rounds %d ms to %s', (nextRefreshInMs, text) => {
    expect(linesFor([agentThatIs('active', { expiresIn: 1, nextRefreshInMs })])[1]).toBe(
      `STATUS=web-01 active, next refresh in ${text}`,
    );
  });
});

describe('the watchdog', () => {
  it('gets a sign of life when it wants one and every engine answers', () => {
    expect(linesFor([active], { watchdog: true })).toContain('WATCHDOG=1');
    expect(linesFor([active])).not.toContain('WATCHDOG=1');
  });

  it('gets none while one engine is stuck', () => {
    const stuck = agentThatIs('active', { agent: 'web-02', expiresIn: 1, answers: false });
    expect(linesFor([active, stuck], { watchdog: true })).not.toContain('WATCHDOG=1');
    expect(stuckAgents([active, stuck])).toEqual(['web-02']);
  });
});

it('at the end nothing is extended again, and the watchdog still gets its signs', () => {
  expect(linesFor([active], { stage: 'stopping', watchdog: true })).toEqual(['WATCHDOG=1']);
});

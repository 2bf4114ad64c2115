import { describe, expect, it } from 'vitest';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import type { Attempt } from '../../../src/domain/journal-entry.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  doubt,
  granted,
  held,
  moment,
  now,
  outcomes,
  record,
  refusal,
  replies,
  settings,
  state,
  trouble,
  ttlMs,
} from './fixtures.ts';

/** An attempt ends: the outcome as it was understood 40 ms after the request was sent. */
function interpreted(outcome: Outcome, over: Partial<AgentState> = {}, of: Attempt = attempt()) {
  const phase: Phase = { name: 'interpreting', attempt: of, answeredAt: addMs(now, 40) };
  const before = state({ phase, ...over });
  const known = { ...before, record: before.record === null ? null : { ...before.record, intent: of } };
  return transition(known, { type: 'interpreted', outcome }, moment(50));
}

/** The steps of the save that begins, by name. */
function steps({ state: { phase } }: ReturnType<typeof interpreted>): readonly string[] {
  return phase.name === 'saving' ? phase.steps.map((step) => step.save) : [];
}

const settled = {
  refreshRequests: ['r'],
  refreshTrouble: trouble('SERVER_UNREACHABLE'),
  failures: 4,
  backoffUntil: now,
};
const handOver = { request: 'h', secret: credential('handed over') };
const withCandidate: Partial<AgentState> = {
  candidate: held('handed over', 4),
  verdictRequest: handOver,
  record: record({ candidate: candidateFacts('handed over') }),
};
const firstCandidate: Partial<AgentState> = {
  ...withCandidate,
  current: null,
  token: null,
  record: record({ generation: 0, kept: null, previous: null, candidate: candidateFacts('handed over') }),
};

describe('every outcome', () => {
  it.each([granted(), ...Object.values(outcomes)])('$kind is noted with the time that it took', (outcome) => {
    const [note] = interpreted(outcome).effects;
    expect(note).toMatchObject({
      do: 'note',
      note: { event: 'exchange-ended', outcome: outcome.kind, tookMs: 40 },
    });
  });

  it.each([granted(), ...Object.values(outcomes)])(
    '$kind is saved before anything else starts',
    (outcome) => {
      const { state: after, effects } = interpreted(outcome);
      expect(after.phase).toMatchObject({ name: 'saving', retryAt: null });
      expect(effects.filter((effect) => effect.do === 'save')).toHaveLength(1);
      expect(effects.some((effect) => effect.do === 'publish')).toBe(false);
    },
  );
});

describe('granted', () => {
  it('saves the secret, then the token, then the journal; nothing of it is known before', () => {
    const result = interpreted(granted(), settled);
    expect(steps(result)).toEqual(['current', 'session', 'record', 'raws-dropped']);
    expect(result.state).toMatchObject({
      current: held('current', 3),
      record: { generation: 3 },
      token: { sequence: 3 },
    });
    const [current, session, journal] = result.state.phase.name === 'saving' ? result.state.phase.steps : [];
    expect(current).toMatchObject({ secret: held('next', 4), record: { generation: 4 } });
    expect(session).toMatchObject({
      token: { ...credential('new token'), sequence: 4, generation: 4, sentAt: now, ttlMs, jitterDraw: 0.5 },
    });
    expect(journal).toMatchObject({
      record: {
        generation: 4,
        kept: held('next', 4),
        previous: { fingerprint: credential('current').fingerprint },
      },
    });
    expect(replies(result.effects)).toEqual([]);
  });

  it('to a candidate removes it from the store last', () => {
    const result = interpreted(granted(), withCandidate, candidateAttempt('handed over'));
    expect(steps(result)).toEqual(['current', 'session', 'record', 'candidate-removed', 'raws-dropped']);
    expect(result.state.phase).toMatchObject({ purpose: { kind: 'grant', slot: 'candidate' } });
  });

  it('without a new secret saves the token only', () => {
    const over = { settings: { ...settings, rotates: false }, record: record({ previous: null }) };
    const result = interpreted(granted(null), over);
    expect(steps(result)).toEqual(['session', 'record', 'raws-dropped']);
  });

  it('finds the spent secret in the journal where the store has the new one already', () => {
    const result = interpreted(granted(), { current: held('next', 4) });
    const journal = result.state.phase.name === 'saving' ? result.state.phase.steps[2] : undefined;
    expect(journal).toMatchObject({
      record: { previous: { fingerprint: credential('current').fingerprint } },
    });
  });
});

describe('refused', () => {
  it.each([
    ['suspected: whoever asked waits for the try of the previous one', {}, 'suspected', []],
    ['proven', { record: record({ previous: null }) }, 'refused', [['refreshed', 'SECRET_REVOKED']]],
    [
      'proven at once under halt',
      { settings: { ...settings, inDoubt: 'halt' as const } },
      'refused',
      [['refreshed', 'SECRET_REVOKED']],
    ],
    [
      'lost',
      { record: record({ current: { doubt: doubt(), uncertain: false } }) },
      'lost',
      [['refreshed', 'SECRET_LOST_IN_FLIGHT']],
    ],
    [
      'of a product that does not rotate: revoked',
      { settings: { ...settings, rotates: false } },
      'refused',
      [['refreshed', 'SECRET_REVOKED']],
    ],
  ])('%s', (_what, over, kind, told) => {
    const result = interpreted(outcomes.refused, { ...settled, ...over });
    expect(steps(result)).toEqual(['record', 'raws-dropped']);
    expect(result.state.record).toMatchObject({ refusal: { kind }, intent: null, generation: 3 });
    expect(result.state).toMatchObject({ refreshTrouble: null, failures: 0, backoffUntil: null });
    expect(result.state.current, 'no credential is deleted because of an answer').toEqual(held('current', 3));
    expect(replies(result.effects)).toEqual(told);
  });

  it('of the previous secret proves it', () => {
    const over = { record: record({ refusal: refusal('suspected') }) };
    const result = interpreted(outcomes.refused, over, attempt({ slot: 'previous' }));
    expect(result.state.record?.refusal?.kind).toBe('refused');
  });
});

describe('a refused candidate', () => {
  it('leaves the current secret and its facts as they are; the caller is told', () => {
    const facts = { refusal: refusal('lost'), current: { doubt: doubt(), uncertain: true } };
    const before = {
      ...withCandidate,
      ...settled,
      record: record({ ...facts, candidate: candidateFacts('handed over') }),
    };
    const result = interpreted(outcomes.refused, before, candidateAttempt('handed over'));
    expect(steps(result)).toEqual(['record', 'raws-dropped']);
    expect(result.state.record).toMatchObject({ ...facts, candidate: { settled: true } });
    expect(result.state).toMatchObject({
      current: held('current', 3),
      verdictRequest: null,
      refreshTrouble: null,
    });
    expect(replies(result.effects)).toEqual([['judged', 'HANDOVER_REFUSED']]);
  });

  it.each([
    ['refused', null, 'SECRET_REVOKED'],
    ['lost', doubt(), 'SECRET_LOST_IN_FLIGHT'],
  ] as const)('without a current secret becomes it, %s', (kind, standing, code) => {
    const facts = candidateFacts('handed over', { doubt: standing });
    const before = {
      ...firstCandidate,
      record: record({ generation: 0, kept: null, previous: null, candidate: facts }),
      refreshRequests: ['r'],
    };
    const result = interpreted(outcomes.refused, before, candidateAttempt('handed over'));
    expect(steps(result)).toEqual(['record', 'current', 'candidate-removed', 'raws-dropped']);
    expect(result.state.record).toMatchObject({
      generation: 1,
      refusal: { kind },
      kept: held('handed over', 1),
    });
    expect(replies(result.effects)).toEqual([
      ['judged', 'HANDOVER_REFUSED'],
      ['refreshed', code],
    ]);
  });
});

describe('an outcome without a verdict', () => {
  it.each([
    ['misconfigured', 'SERVER_MISCONFIGURED', null, 550],
    // On top of what the server asked for, and drawn from as wide a range.
    ['rate-limited', 'SERVER_RATE_LIMITED', addMs(now, 30_050), 45_050],
    ['server-trouble', 'SERVER_TROUBLE', null, 550],
    ['not-sent', 'INTERNAL', null, 550],
  ] as const)('%s closes the intent, pauses and tells', (kind, code, retryAfterUntil, pauseMs) => {
    const result = interpreted(outcomes[kind], { refreshRequests: ['r'] });
    expect(steps(result)).toEqual(['record', 'raws-dropped']);
    expect(result.state.record).toMatchObject({ intent: null, current: { doubt: null } });
    expect(result.state).toMatchObject({ failures: 1, refreshTrouble: { code }, retryAfterUntil });
    expect(result.state.backoffUntil).toEqual(addMs(now, pauseMs));
    expect(replies(result.effects)).toEqual([['refreshed', code]]);
  });

  it('in doubt leaves a doubt, and keeps the answer', () => {
    const result = interpreted(outcomes['in-doubt'], { refreshRequests: ['r'] });
    expect(steps(result)).toEqual(['record']);
    expect(result.state.record?.current.doubt).toMatchObject({ attempts: 1, since: now });
    expect(replies(result.effects)).toEqual([['refreshed', 'IN_DOUBT']]);
  });

  it('in doubt of a product that does not rotate leaves none', () => {
    const result = interpreted(outcomes['in-doubt'], { settings: { ...settings, rotates: false } });
    expect(steps(result)).toEqual(['record', 'raws-dropped']);
    expect(result.state.record?.current.doubt).toBeNull();
  });

  it('does not keep a caller waiting longer than an hour because a server says so', () => {
    const outcome = { ...outcomes['rate-limited'], retryAfterMs: 86_400_000 };
    expect(interpreted(outcome).state.retryAfterUntil).toEqual(addMs(now, 3_600_050));
  });

  it('of a candidate leaves its caller waiting for the verdict', () => {
    const result = interpreted(outcomes['in-doubt'], withCandidate, candidateAttempt('handed over'));
    expect(result.state.record?.candidate?.doubt?.attempts).toBe(1);
    expect(result.state.verdictRequest).toEqual(handOver);
    expect(replies(result.effects)).toEqual([]);
  });
});

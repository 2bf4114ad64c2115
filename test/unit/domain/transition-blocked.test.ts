import { describe, expect, it } from 'vitest';
import type { InterpretedRaw, OpenedView } from '../../../src/domain/agent-event.ts';
import { initialState, type AgentState } from '../../../src/domain/agent-state.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  deeds,
  doubt,
  granted,
  held,
  minute,
  moment,
  now,
  outcomes,
  record,
  replies,
  settings,
  state,
  stored,
  token,
  trouble,
} from './fixtures.ts';

const good: OpenedView = {
  identity: 'host:one',
  keyPresent: true,
  sealedStatePresent: true,
  current: stored('current', 3),
  candidate: null,
  record: record(),
  session: token(),
  raws: [],
};

const clone = { identity: 'host:two' };
const failure = { code: 'STORE_LOCKED', detail: 'locked' } as const;
const handOver = { request: 'h', secret: credential('handed over') };

function opened(view: Partial<OpenedView>, over: Partial<AgentState> = {}) {
  const before = { ...initialState(settings), ...over };
  return transition(before, { type: 'opened', view: { ...good, ...view } }, moment());
}

/** What the start does first: the steps that it saves, or the name of the phase. */
function first({ state: { phase } }: ReturnType<typeof opened>): readonly string[] {
  return phase.name === 'saving' ? phase.steps.map((step) => step.save) : [phase.name];
}

const intended = () => record({ intent: attempt() });
const raw = (outcome: InterpretedRaw['outcome'], of = attempt()): InterpretedRaw => ({
  attempt: of,
  outcome,
});

describe('a start is blocked by', () => {
  const rows: readonly (readonly [string, Partial<OpenedView>])[] = [
    ['STATE_UNREADABLE', { record: 'unreadable' }],
    ['STATE_UNREADABLE', { session: 'unreadable' }],
    ['STATE_UNREADABLE', { raws: 'unreadable' }],
    ['STATE_UNREADABLE', { current: 'unreadable' }],
    ['STATE_UNREADABLE', { candidate: 'unreadable' }],
    ['STORE_MISMATCH', { record: null }],
    ['STORE_MISMATCH', { current: stored('current', 3, { owner: 'state-2' }) }],
    ['STATE_ROLLED_BACK', { current: stored('another', 3) }],
    ['STATE_CLONED', clone],
  ];

  it.each(rows)('%s: %o', (code, view) => {
    const result = opened({ ...view, record: view.record === undefined ? intended() : view.record });
    expect(result.state).toMatchObject({ phase: { name: 'waiting' }, blocked: { code, since: now } });
    expect(deeds(result.effects), 'the token is served to its end').toEqual(
      'session' in view ? [] : ['publish'],
    );
  });

  it('a server that changed', () => {
    const over = { settings: { ...settings, origin: 'https://other.example.com' } };
    expect(opened({}, over).state.blocked?.code).toBe('SERVER_CHANGED');
  });

  it('the same as before, since before', () => {
    const since = addMs(now, -minute);
    expect(opened(clone, { blocked: { ...trouble('STATE_CLONED'), since } }).state.blocked?.since).toEqual(
      since,
    );
  });
});

describe('behind a block', () => {
  const ofCandidate = candidateAttempt('handed over');
  const candidateView = {
    candidate: stored('handed over', 4),
    record: record({ intent: ofCandidate, candidate: candidateFacts('handed over') }),
  };

  it('an interrupted attempt is a doubt, which is not written: the cause may yet be undone', () => {
    const result = opened({ ...clone, record: intended(), raws: [raw(outcomes.refused)] });
    expect(result.state).toMatchObject({
      phase: { name: 'waiting' },
      record: { intent: null, current: { doubt: { attempts: 1 } } },
    });
    expect(deeds(result.effects)).toEqual(['publish']);
  });

  it('a grant to the current secret is left alone', () => {
    expect(first(opened({ ...clone, record: intended(), raws: [raw(granted())] }))).toEqual(['waiting']);
  });

  it('a grant to a candidate is not lost', () => {
    const result = opened({ ...clone, ...candidateView, raws: [raw(granted(), ofCandidate)] });
    expect(first(result)).toEqual(['current', 'session', 'record', 'candidate-removed', 'raws-dropped']);
    expect(result.state.phase).toMatchObject({
      steps: [{ record: { identity: 'host:two' } }, {}, {}, {}, {}],
    });
  });

  it('an interrupted attempt with a candidate is a doubt like any other', () => {
    const result = opened({ ...clone, ...candidateView });
    expect(first(result)).toEqual(['record']);
    expect(result.state.record?.candidate?.doubt).toEqual(doubt({ since: now, overAt: addMs(now, 15_000) }));
  });

  it('a candidate is not trusted where the store cannot be', () => {
    const view = { ...candidateView, current: 'unreadable', raws: [raw(granted(), ofCandidate)] } as const;
    expect(opened(view).state).toMatchObject({ phase: { name: 'waiting' }, candidate: null });
  });

  it.each(['STATE_UNREADABLE', 'STORE_MISMATCH'] as const)('%s takes no hand-over', (code) => {
    const before = state({ blocked: trouble(code) });
    const { state: after, effects } = transition(before, { type: 'handed-over', ...handOver }, moment());
    expect(after).toEqual(before);
    expect(replies(effects)).toEqual([['stored', code]]);
  });

  it.each(['STATE_CLONED', 'STATE_ROLLED_BACK', 'SERVER_CHANGED'] as const)('%s takes one', (code) => {
    const { state: after } = transition(
      state({ blocked: trouble(code) }),
      { type: 'handed-over', ...handOver },
      moment(),
    );
    expect(after.phase).toMatchObject({ name: 'saving', purpose: { kind: 'hand-over' } });
  });
});

describe('a start that finds sealed records and no key', () => {
  it.each([
    ['in the state folder', { current: null, sealedStatePresent: true }],
    ['in the store', { current: 'unreadable' as const, sealedStatePresent: false }],
    ['a candidate only', { current: null, candidate: 'unreadable' as const, sealedStatePresent: false }],
  ])('%s: unreachable, and asked again', (_what, view) => {
    const { state: after } = opened({ ...view, keyPresent: false, record: null, session: null });
    expect(after).toMatchObject({
      opened: false,
      blocked: null,
      storeTrouble: { code: 'STORE_UNAVAILABLE' },
      backoffUntil: addMs(now, 500),
    });
    const { effects } = transition(after, { type: 'handed-over', ...handOver }, moment());
    expect(replies(effects), 'a hand-over must not make a new key').toEqual([
      ['stored', 'STORE_UNAVAILABLE'],
    ]);
  });
});

describe('a standby', () => {
  const before = { ...initialState(settings), refreshRequests: ['r'], queuedHandOver: handOver };
  const { state: standby, effects } = transition(before, { type: 'held-elsewhere', holderPid: 7 }, moment());

  it('tells who asked, and asks for the locks again in a second', () => {
    expect(standby).toMatchObject({
      phase: { name: 'waiting' },
      opened: false,
      heldElsewhere: { holderPid: 7 },
    });
    expect(replies(effects)).toEqual([
      ['refreshed', 'AGENT_HELD'],
      ['stored', 'AGENT_HELD'],
    ]);
    expect(deeds(transition(standby, { type: 'woke' }, moment(999)).effects)).toEqual([]);
    expect(deeds(transition(standby, { type: 'woke' }, moment(1_000)).effects)).toEqual(['open']);
  });

  it('is none any more once it has them', () => {
    const opening = { ...standby, phase: { name: 'opening' } } as const;
    const { state: holder } = transition(opening, { type: 'opened', view: good }, moment());
    expect(holder).toMatchObject({ heldElsewhere: null, opened: true, token: token() });
  });
});

describe('a store that cannot be opened', () => {
  it('is asked again after a pause, and the trouble stands since the first time', () => {
    const since = addMs(now, -minute);
    const before = {
      ...initialState(settings),
      storeTrouble: { ...failure, since },
      failures: 3,
      refreshRequests: ['r'],
    };
    const { state: after, effects } = transition(before, { type: 'open-failed', failure }, moment());
    expect(after).toMatchObject({
      phase: { name: 'waiting' },
      opened: false,
      failures: 4,
      storeTrouble: { ...failure, since },
    });
    expect(after.backoffUntil).toEqual(addMs(now, 4_000));
    expect(replies(effects)).toEqual([['refreshed', 'STORE_UNAVAILABLE']]);
  });

  it('because it is damaged is a block: asking again does not heal it', () => {
    const damaged = { code: 'STATE_UNREADABLE', detail: 'damaged' } as const;
    const before = { ...initialState(settings), refreshRequests: ['r'] };
    const { state: after, effects } = transition(before, { type: 'open-failed', failure: damaged }, moment());
    expect(after).toMatchObject({ phase: { name: 'waiting' }, blocked: damaged, storeTrouble: null });
    expect(replies(effects)).toEqual([['refreshed', 'STATE_UNREADABLE']]);
    expect(deeds(transition(after, { type: 'woke' }, moment(minute)).effects)).toEqual([]);
  });

  it('is forgotten as soon as it opens', () => {
    const { state: after } = opened(
      {},
      { storeTrouble: trouble('STORE_LOCKED'), failures: 3, backoffUntil: now },
    );
    expect(after).toMatchObject({
      storeTrouble: null,
      failures: 0,
      backoffUntil: null,
      current: held('current', 3),
    });
  });
});

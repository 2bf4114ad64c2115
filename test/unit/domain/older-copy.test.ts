import { describe, expect, it } from 'vitest';
import type { OpenedView } from '../../../src/domain/agent-event.ts';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import { transition } from '../../../src/domain/transition.ts';
import {
  candidateFacts,
  deeds,
  held,
  moment,
  previous,
  record,
  state,
  stored,
  token,
  trouble,
} from './fixtures.ts';

/** What a process that was at generation 3 finds when it opens its state folder again. */

const opening: AgentState = state({ phase: { name: 'opening' }, opened: false });

/** The folder as it was one generation ago. */
const old = record({
  generation: 2,
  sequence: 2,
  kept: held('previous', 2),
  previous: previous('first', { generation: 1 }),
});

const older: OpenedView = {
  identity: 'host:one',
  keyPresent: true,
  sealedStatePresent: true,
  current: stored('previous', 2),
  candidate: null,
  record: old,
  session: token({ sequence: 2, generation: 2 }),
  raws: [],
};

function opened(view: Partial<OpenedView> = {}, over: Partial<AgentState> = {}) {
  return transition({ ...opening, ...over }, { type: 'opened', view: { ...older, ...view } }, moment());
}

/** What is saved, or the name of the phase. */
function saved({ state: { phase } }: ReturnType<typeof opened>): readonly string[] {
  return phase.name === 'saving' ? phase.steps.map((step) => step.save) : [phase.name];
}

describe('an older copy of the folder in use', () => {
  it('is brought up to what the process knows, record first', () => {
    const result = opened();
    expect(saved(result)).toEqual(['record', 'current', 'session']);
    expect(result.state).toMatchObject({
      phase: { steps: [{ record: record() }, { secret: held('current', 3) }, { token: token() }] },
      record: record(),
      current: held('current', 3),
      token: token(),
      blocked: null,
    });
    expect(deeds(result.effects)).toEqual(['publish', 'save']);
  });

  it.each([
    [
      'the secret is where it was, in a keychain',
      { current: stored('current', 3) },
      {},
      ['record', 'session'],
    ],
    [
      'only the token is older',
      { record: record({ sequence: 2 }), current: stored('current', 3) },
      {},
      ['record', 'session'],
    ],
    ['there is no token yet', {}, { token: null }, ['record', 'current']],
    ['the keychain is ahead of both', { current: stored('next', 4) }, {}, ['record']],
    [
      'a candidate of the copy was judged long ago',
      { candidate: stored('judged', 3) },
      {},
      ['record', 'current', 'session', 'candidate-removed'],
    ],
  ] as const)('%s', (_what, view, over, steps) => {
    expect(saved(opened(view, over))).toEqual(steps);
  });

  it('loses no candidate that waits for its verdict', () => {
    const waiting = record({ candidate: candidateFacts('handed over') });
    const memory = { record: waiting, candidate: held('handed over', 4) };
    expect(saved(opened({}, memory))).toEqual(['record', 'current', 'session', 'candidate']);
    expect(saved(opened({ candidate: stored('handed over', 4) }, memory))).toEqual([
      'record',
      'current',
      'session',
    ]);
  });
});

describe('is believed as it is', () => {
  it.each<[string, Partial<OpenedView>, Partial<AgentState>]>([
    ['a folder that is not older', { record: record(), current: stored('current', 3) }, {}],
    [
      'a folder with a line of its own',
      { record: { ...old, stateId: 'state-2' }, current: stored('previous', 2, { owner: 'state-2' }) },
      {},
    ],
    ['a folder that another process held meanwhile', {}, { heldElsewhere: { holderPid: 200 } }],
    ['a folder whose trouble a person must settle', {}, { blocked: trouble('STATE_CLONED') }],
    ['what an earlier life left', {}, { record: null, current: null, token: null }],
  ])('%s', (_what, view, over) => {
    const result = opened(view, over);
    expect(result.state.record).toEqual(view.record ?? old);
    expect(saved(result)).not.toContain('session');
  });

  it('but a copy from another machine is a clone', () => {
    expect(opened({ identity: 'host:two' }).state.blocked).toMatchObject({ code: 'STATE_CLONED' });
  });
});

describe('the token of this process', () => {
  it.each([
    ['without a session', null],
    ['with one that cannot be read', 'unreadable'],
  ] as const)('is served on from a folder %s', (_what, session) => {
    const view = { record: record(), current: stored('current', 3), session };
    expect(opened(view).state.token).toEqual(token());
    const rejected = record({ rejectedSequence: 3 });
    expect(opened({ ...view, record: rejected }, { record: rejected }).state.token).toBeNull();
  });
});

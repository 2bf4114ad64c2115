import { describe, expect, it } from 'vitest';
import { firstRecord } from '../../../src/domain/ledger.ts';
import { recoveryOf, stepsOf } from '../../../src/domain/recovery.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateAttempt,
  candidateFacts,
  doubt,
  granted,
  now,
  outcomes,
  record,
  refusal,
  stored,
} from './fixtures.ts';
import {
  answer,
  done,
  elsewhere,
  found,
  halt,
  inDoubt,
  pending,
  strange,
  unreadableAnswer,
} from './recovery-fixtures.ts';

/** The durable steps of each action, and the record that it writes. */

const { fingerprint } = credential('current');

describe('adopt', () => {
  it('binds a copy to this machine, and nothing else', () => {
    const { steps, record: written } = done({ view: { identity: 'host:two', record: inDoubt } }, 'adopt');
    expect(steps).toEqual(['record']);
    expect(written).toEqual({
      ...inDoubt,
      identity: 'host:two',
      current: { doubt: doubt(), uncertain: true },
    });
  });

  it('binds the secret to another address, and forgets a refusal of the old one', () => {
    const origin = 'https://other.example.com';
    const { record: written } = done(
      { view: { record: record({ refusal: refusal('refused') }) }, settings: { origin } },
      'adopt',
    );
    expect(written).toEqual(record({ origin, current: { doubt: null, uncertain: true } }));
  });

  it('prefers the store’s secret to the journal’s, which is the next to be tried', () => {
    const { record: written, saved } = done({ view: { current: stored('other', 3) } }, 'adopt');
    expect(written).toMatchObject({
      generation: 4,
      kept: { fingerprint: credential('other').fingerprint, generation: 4 },
      previous: { fingerprint, generation: 3 },
      current: { doubt: null, uncertain: true },
    });
    expect(saved).toEqual([['current', credential('other').fingerprint, 'state-1']]);
  });

  it('counts an attempt under way as a doubt about what it spent', () => {
    const { record: written } = done(
      { view: { current: stored('other', 7, elsewhere), record: record({ intent: attempt() }) } },
      'adopt',
    );
    expect(written).toMatchObject({
      generation: 8,
      sequence: 8,
      intent: null,
      previous: { fingerprint, doubted: true },
    });
  });

  it('only takes possession of a secret that the journal knows', () => {
    const { record: written, saved } = done(
      { view: { current: stored('current', 3, elsewhere), record: inDoubt } },
      'adopt',
    );
    expect(written).toEqual({ ...inDoubt, current: { doubt: doubt(), uncertain: true } });
    expect(saved).toEqual([['current', fingerprint, 'state-1']]);
  });

  it('begins a new journal where there is none, for the server that the secret is from', () => {
    const current = stored('current', 3, { origin: 'https://old.example.com' });
    const { steps, record: written, saved } = done({ view: { record: null, current } }, 'adopt');
    expect(steps).toEqual(['record', 'current']);
    const bucket = { level: 6, at: now };
    expect(written).toEqual({
      ...firstRecord('a-new-id', 'host:one', 'https://old.example.com', bucket),
      generation: 3,
      sequence: 3,
      current: { doubt: null, uncertain: true },
      kept: { text: current.text, fingerprint, generation: 3 },
    });
    expect(saved).toEqual([['current', fingerprint, 'a-new-id']]);
  });

  it('sets aside first what cannot be read', () => {
    const { steps } = done(
      {
        view: { record: 'unreadable', session: 'unreadable', raws: 'unreadable' },
        answers: [unreadableAnswer],
      },
      'adopt',
    );
    expect(steps).toEqual([
      ['set-aside', 'record'],
      ['set-aside', 'session'],
      ['set-aside', { answer: 'attempt-9' }],
      'record',
      'current',
    ]);
  });

  it('knows from kept answers that the secret is in doubt', () => {
    const second = attempt({ id: 'attempt-2', sentAt: { ...now, bootMs: now.bootMs + 60_000 } });
    const answers = [strange(attempt()), strange(second), strange(attempt({ generation: 2 }))];
    const { record: written } = done({ view: { record: 'unreadable' }, answers }, 'adopt');
    expect(written.current).toMatchObject({ doubt: { attempts: 2, since: now }, uncertain: true });
    expect(written.current.doubt?.overAt.bootMs).toBe(second.sentAt.bootMs + 15_000);
  });

  it('takes the secret out of an answer where there is no other', () => {
    const view = { record: 'unreadable', current: 'unreadable' } as const;
    const { record: written, saved } = done({ view, answers: [answer(attempt(), granted('next'))] }, 'adopt');
    expect(written).toMatchObject({ generation: 4, kept: { fingerprint: credential('next').fingerprint } });
    expect(saved).toEqual([['current', credential('next').fingerprint, 'a-new-id']]);
  });

  it('does not send a candidate again that was granted before the journal was lost', () => {
    const { record: written } = done({ view: { record: null, candidate: stored('current', 3) } }, 'adopt');
    expect(written.candidate).toEqual(candidateFacts('current', { settled: true }));
  });

  it('takes a candidate of unknown standing for one in doubt', () => {
    const { record: written, saved } = done({ view: { record: null, candidate: stored('new', 4) } }, 'adopt');
    expect(written.candidate).toMatchObject({ settled: false, doubt: { attempts: 1, mayReplay: true } });
    expect(saved.map(([slot]) => slot)).toEqual(['current', 'candidate']);
  });
});

describe('finish-from-answer', () => {
  it('goes on with the new secret, and keeps the spent one to try', () => {
    const { steps, record: written } = done(
      { view: { record: inDoubt }, answers: [strange(attempt())] },
      'finish-from-answer',
    );
    expect(steps).toEqual(['record']);
    expect(written).toMatchObject({
      generation: 4,
      sequence: 3,
      intent: null,
      refusal: null,
      current: { doubt: null, uncertain: true },
      kept: { fingerprint: credential('salvaged').fingerprint, generation: 4 },
      previous: { fingerprint, generation: 3, doubted: true },
    });
  });

  it('takes the newest of several answers', () => {
    const older = strange(attempt());
    const newer = answer(attempt({ id: 'attempt-2' }), outcomes['in-doubt'], 'newer');
    const { record: written } = done(
      { view: { record: inDoubt }, answers: [older, newer] },
      'finish-from-answer',
    );
    expect(written.kept?.fingerprint).toBe(credential('newer').fingerprint);
  });

  it('finishes a candidate as a grant would', () => {
    const view = { ...pending, record: record({ candidate: candidateFacts('new', { doubt: doubt() }) }) };
    const { record: written } = done(
      { view, answers: [strange(candidateAttempt('new'))] },
      'finish-from-answer',
    );
    expect(written).toMatchObject({
      generation: 4,
      candidate: { settled: true },
      previous: { fingerprint: credential('new').fingerprint },
    });
  });
});

describe('the other actions', () => {
  it('replay allows one attempt', () => {
    const { record: written } = done({ view: { record: inDoubt }, settings: halt }, 'replay');
    expect(written.current.doubt).toEqual(doubt({ mayReplay: true }));
  });

  it('set-aside takes the journal first', () => {
    const { steps } = done({ view: { record: null } }, 'set-aside');
    expect(steps.map(([, part]) => part)).toEqual(['record', 'session', 'answers', 'current', 'candidate']);
  });

  it('one that is not offered is refused', () => {
    const recovery = recoveryOf(found({ view: { identity: 'host:two' } }));
    expect(() => stepsOf(recovery, 'replay')).toThrow('there is adopt');
    expect(() => stepsOf(recovery, 'adopt', 'STORE_MISMATCH')).toThrow('(STATE_CLONED)');
    expect(stepsOf(recovery, 'adopt', 'STATE_CLONED')).toHaveLength(1);
    expect(() => stepsOf(recoveryOf(found()), 'adopt')).toThrow('nothing is to be done');
  });
});

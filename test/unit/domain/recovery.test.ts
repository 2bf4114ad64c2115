import { describe, expect, it } from 'vitest';
import { recoveryOf, storeAwayReport } from '../../../src/domain/recovery.ts';
import {
  attempt,
  candidateFacts,
  doubt,
  granted,
  outcomes,
  record,
  refusal,
  settings,
  stored,
} from './fixtures.ts';
import {
  answer,
  elsewhere,
  found,
  halt,
  inDoubt,
  pending,
  strange,
  unreadableAnswer,
  type Finding,
} from './recovery-fixtures.ts';

/** From what was found to what is said and offered. */

type Row = readonly [
  what: string,
  finding: Finding,
  told: readonly [
    code: string | null,
    remedy: string,
    recommended: string | null,
    actions: readonly string[],
  ],
];

const rows: readonly Row[] = [
  ['good order', {}, [null, 'none-needed', null, []]],
  [
    'a left-over answer',
    { answers: [answer(attempt({ generation: 2 }), granted())] },
    [null, 'none-needed', null, ['drop-answers']],
  ],
  [
    'no secret',
    { view: { record: null, session: null, current: null } },
    ['SECRET_ABSENT', 'new-secret', null, []],
  ],
  [
    'no key',
    { view: { keyPresent: false, record: null, session: null, current: 'unreadable' } },
    ['STORE_UNAVAILABLE', 'new-secret', null, ['set-aside']],
  ],
  ['a clone', { view: { identity: 'host:two' } }, ['STATE_CLONED', 'action', 'adopt', ['adopt']]],
  [
    'another url',
    { settings: { origin: 'https://other.example.com' } },
    ['SERVER_CHANGED', 'action', 'adopt', ['adopt']],
  ],
  [
    'another secret',
    { view: { current: stored('other', 3) } },
    ['STATE_ROLLED_BACK', 'new-secret', null, ['adopt']],
  ],
  [
    'no secret anywhere, though one was in use',
    { view: { current: null, record: record({ kept: null, previous: null }) } },
    ['STATE_ROLLED_BACK', 'new-secret', null, []],
  ],
  ['no journal', { view: { record: null } }, ['STORE_MISMATCH', 'action', 'adopt', ['adopt', 'set-aside']]],
  [
    'another folder’s secret',
    { view: { current: stored('other', 7, elsewhere) } },
    ['STORE_MISMATCH', 'action', 'adopt', ['adopt', 'set-aside']],
  ],
  [
    'an unreadable session',
    { view: { session: 'unreadable' } },
    ['STATE_UNREADABLE', 'action', 'set-aside-unreadable', ['set-aside-unreadable', 'set-aside']],
  ],
  [
    'an unreadable answer',
    { view: { raws: 'unreadable' }, answers: [unreadableAnswer] },
    ['STATE_UNREADABLE', 'action', 'set-aside-unreadable', ['set-aside-unreadable', 'set-aside']],
  ],
  [
    'an unreadable secret',
    { view: { current: 'unreadable' } },
    ['STATE_UNREADABLE', 'action', 'set-aside-unreadable', ['set-aside-unreadable', 'set-aside']],
  ],
  [
    'an unreadable journal',
    { view: { record: 'unreadable' } },
    ['STATE_UNREADABLE', 'action', 'adopt', ['adopt', 'set-aside']],
  ],
  [
    'an unreadable journal and secret, but a candidate',
    { view: { record: 'unreadable', current: 'unreadable', candidate: stored('new', 4) } },
    ['STATE_UNREADABLE', 'action', 'adopt', ['adopt', 'set-aside']],
  ],
  [
    'an unreadable journal and secret, but an answer',
    { view: { record: 'unreadable', current: 'unreadable' }, answers: [answer(attempt(), granted())] },
    ['STATE_UNREADABLE', 'action', 'adopt', ['adopt', 'set-aside']],
  ],
  [
    'nothing that can be read',
    {
      view: { record: 'unreadable', current: 'unreadable', session: 'unreadable', raws: 'unreadable' },
      answers: [unreadableAnswer],
    },
    ['STATE_UNREADABLE', 'new-secret', null, ['set-aside']],
  ],
  ['a doubt', { view: { record: inDoubt } }, ['IN_DOUBT', 'none-needed', null, []]],
  [
    'a doubt under halt',
    { view: { record: inDoubt }, settings: halt },
    ['IN_DOUBT', 'action', 'replay', ['replay']],
  ],
  [
    'a doubt under halt in which a replay is allowed already',
    {
      view: { record: record({ current: { doubt: doubt({ mayReplay: true }), uncertain: false } }) },
      settings: halt,
    },
    ['IN_DOUBT', 'none-needed', null, []],
  ],
  [
    'a doubt of a candidate under halt',
    {
      view: { ...pending, record: record({ candidate: candidateFacts('new', { doubt: doubt() }) }) },
      settings: halt,
    },
    ['IN_DOUBT', 'action', 'replay', ['replay']],
  ],
  [
    'a doubt with a strange answer',
    { view: { record: inDoubt }, answers: [strange(attempt())] },
    ['IN_DOUBT', 'action', 'finish-from-answer', ['finish-from-answer', 'drop-answers']],
  ],
  [
    'a doubt with an answer without a secret',
    { view: { record: inDoubt }, answers: [answer(attempt(), outcomes['in-doubt'])] },
    ['IN_DOUBT', 'none-needed', null, ['drop-answers']],
  ],
  [
    'a doubt with a strange answer of an earlier generation',
    { view: { record: inDoubt }, answers: [strange(attempt({ generation: 2 }))] },
    ['IN_DOUBT', 'none-needed', null, ['drop-answers']],
  ],
  [
    'a lost secret',
    { view: { record: record({ refusal: refusal('lost') }) } },
    ['SECRET_LOST_IN_FLIGHT', 'new-secret', null, []],
  ],
  [
    'a lost secret and a strange answer',
    {
      view: { record: { ...inDoubt, refusal: refusal('lost') } },
      answers: [strange(attempt())],
    },
    ['SECRET_LOST_IN_FLIGHT', 'action', 'finish-from-answer', ['finish-from-answer', 'drop-answers']],
  ],
  [
    'a revoked secret',
    { view: { record: record({ refusal: refusal('refused') }) } },
    ['SECRET_REVOKED', 'new-secret', null, []],
  ],
  [
    'a lost secret and a candidate',
    { view: { ...pending, record: { ...pending.record, refusal: refusal('lost') } } },
    [null, 'none-needed', null, []],
  ],
];

describe('what was found', () => {
  it.each(rows)('%s', (_what, finding, [code, remedy, recommended, actions]) => {
    const { report } = recoveryOf(found(finding));
    expect(report).toMatchObject({ matter: code === null ? null : { code }, remedy, recommended });
    expect(report.actions.map(({ name }) => name)).toEqual(actions);
    expect(report.advice).toMatch(/^[^\n]+[^.\n]$/);
  });

  it('is told without a secret', () => {
    for (const [, finding] of rows) {
      const told = JSON.stringify(recoveryOf(found(finding)).report);
      expect(told).not.toMatch(/"text"|\[secret\]|salvaged/);
    }
  });

  it('can be a store that does not answer', () => {
    const report = storeAwayReport(settings, 'degraded', { code: 'STORE_LOCKED', detail: 'it is locked' });
    expect(report).toMatchObject({
      remedy: 'store',
      matter: { code: 'STORE_LOCKED', summary: 'it is locked' },
      actions: [],
    });
  });
});

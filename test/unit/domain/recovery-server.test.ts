import { describe, expect, it } from 'vitest';
import type { RecoveryReport, ServerFinding } from '../../../src/domain/recovery-report.ts';
import { withServerList, type ListedSecret } from '../../../src/domain/recovery-server.ts';
import { recoveryOf } from '../../../src/domain/recovery.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { matching } from '../../support/matching.ts';
import { attempt, doubt, minute, now, record, refusal, token } from './fixtures.ts';
import { found, halt, strange, type Finding } from './recovery-fixtures.ts';

/** What the server's list of secrets adds to a report. */

const clocks = { parseTime: Date.parse, formatTime: (ms: number) => new Date(ms).toISOString() };

/** `agoMs`: when the server changed the secret. */
function listed(agoMs: number | null, status = 'ACTIVE'): ListedSecret {
  return { name: 'web-01', status, modifiedAtMs: agoMs === null ? null : now.wallMs - agoMs };
}

function asked(finding: Finding, entry: ListedSecret | null): RecoveryReport {
  return withServerList(recoveryOf(found(finding)).report, 'web-01', entry, clocks);
}

const session = token({ sentAt: addMs(now, -20 * minute) });
const standing = doubt({ since: addMs(now, -10 * minute) });
const inDoubt = record({ current: { doubt: standing, uncertain: false } });
const halted: Finding = { view: { record: inDoubt, session }, settings: halt };
const cloned: Finding = { view: { identity: 'host:two', session } };

describe('the list of the server', () => {
  it.each<[what: string, Finding, ListedSecret | null, ServerFinding, recommended: string | null]>([
    ['a doubt, changed by the attempt', halted, listed(10 * minute), 'changed-since', null],
    ['a doubt, changed later', halted, listed(minute), 'changed-since', null],
    ['a doubt, changed by a slow clock', halted, listed(11 * minute), 'changed-since', null],
    ['a doubt, changed by the grant before', halted, listed(20 * minute), 'unchanged', 'replay'],
    ['a doubt, no time', halted, listed(null), 'unclear', 'replay'],
    ['a doubt, revoked', halted, listed(20 * minute, 'REVOKED'), 'revoked', null],
    ['a doubt, gone', halted, null, 'absent', null],
    [
      'a doubt with an answer',
      { ...halted, answers: [strange(attempt())] },
      listed(10 * minute),
      'changed-since',
      'finish-from-answer',
    ],
    [
      'a doubt with an answer, revoked',
      { ...halted, answers: [strange(attempt())] },
      listed(10 * minute, 'REVOKED'),
      'revoked',
      null,
    ],
    ['a clone, as it was', cloned, listed(20 * minute), 'unchanged', 'adopt'],
    ['a clone whose original went on', cloned, listed(5 * minute), 'changed-since', null],
    ['good order', { view: { session } }, listed(20 * minute), 'unchanged', null],
    [
      'nothing to compare with',
      { view: { identity: 'host:two', session: null } },
      listed(20 * minute),
      'unclear',
      'adopt',
    ],
    [
      'a damaged session',
      { view: { session: 'unreadable' } },
      listed(minute, 'REVOKED'),
      'revoked',
      'set-aside-unreadable',
    ],
    [
      'a lost secret',
      { view: { record: record({ refusal: refusal('lost') }), session } },
      null,
      'absent',
      null,
    ],
  ])('%s', (_what, finding, entry, expected, recommended) => {
    const report = asked(finding, entry);
    expect(report).toMatchObject({ recommended, server: { name: 'web-01', finding: expected } });
    if (recommended === null && report.matter !== null) {
      expect(report).toMatchObject({
        remedy: 'new-secret',
        advice: matching('tokenward enroll'),
      });
    }
  });

  it('is told with its times', () => {
    expect(asked(halted, listed(10 * minute)).server).toMatchObject({
      status: 'ACTIVE',
      modified_at: new Date(now.wallMs - 10 * minute).toISOString(),
    });
  });
});

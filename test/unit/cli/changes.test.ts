import { describe, expect, it } from 'vitest';
import type { StatusAnswer } from '../../../src/cli/status/ask.ts';
import { ChangeLines } from '../../../src/cli/status/changes.ts';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { AgentStatus } from '../../../src/domain/status.ts';
import { active, now, revoked } from './statuses.ts';

const said = (...statuses: readonly AgentStatus[]): StatusAnswer => ({ kind: 'statuses', statuses });
const silent = (message: string): StatusAnswer => ({
  kind: 'remains',
  agents: [],
  error: new TokenwardError('DAEMON_NOT_RUNNING', message),
});

describe('lines for people', () => {
  it('come once for each change, and not for what only counts down', () => {
    const changes = new ChangeLines(false);
    expect(changes.after(said(active, revoked), now)).toEqual([
      '2027-01-01T12:00:00Z web-01 active: token valid until 2027-01-01T12:29:59Z, secret held, generation 7',
      '2027-01-01T12:00:00Z web-02 revoked: token valid until 2027-01-01T12:29:59Z, secret refused, generation 7, critical SECRET_REVOKED',
    ]);
    const later = { ...active, token: { ...active.token, expires_in: 1700 }, next_refresh_at: null };
    expect(changes.after(said(later, revoked), now)).toEqual([]);
    const rotated = { ...later, token: { ...later.token, sequence: 10 } };
    expect(changes.after(said(rotated, revoked), now)).toHaveLength(1);
    expect(changes.after(said(rotated, { ...revoked, alerts: [] }), now)).toHaveLength(1);
  });

  it('say once that nobody answers, and everything when somebody does again', () => {
    const changes = new ChangeLines(false);
    changes.after(said(active), now);
    expect(changes.after(silent('gone'), now)).toEqual(['2027-01-01T12:00:00Z gone']);
    expect(changes.after(silent('gone'), now)).toEqual([]);
    expect(changes.after(silent('hangs'), now)).toEqual(['2027-01-01T12:00:00Z hangs']);
    expect(changes.after(said(active), now)).toHaveLength(1);
  });
});

it('documents for programs are those of the API, one a line', () => {
  const changes = new ChangeLines(true);
  expect(changes.after(said(active, revoked), now).map((line) => JSON.parse(line) as unknown)).toEqual([
    active,
    revoked,
  ]);
  const [line = ''] = changes.after(silent('gone'), now);
  expect(JSON.parse(line)).toEqual({
    daemon: null,
    error: { code: 'DAEMON_NOT_RUNNING', detail: 'gone' },
    agents: [],
  });
});

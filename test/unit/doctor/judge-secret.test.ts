import { expect, it } from 'vitest';
import { judgeSecret, type SecretFacts } from '../../../src/doctor/judge-secret.ts';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { AgentStatus, AlertStatus, SecretFact } from '../../../src/domain/status.ts';
import { told } from './lines.ts';

const records = (...found: Extract<SecretFacts['found'], { kind: 'records' }>['records'][number][]) =>
  ({ kind: 'records', records: found }) as const;

function says(status: SecretFact, alerts: readonly Partial<AlertStatus>[] = []): SecretFacts['found'] {
  const secret = { status, generation: 4, store: 'keychain', persisted: true };
  return { kind: 'status', status: { agent: 'web-01', secret, alerts } as unknown as AgentStatus };
}

it.each<[string, SecretFacts['store'], SecretFacts['found'], string]>([
  [
    'that is held',
    'file',
    records({ name: 'secret', opensWith: 'current-key' }, { name: 'candidate', opensWith: 'next-key' }),
    'ok secret-store: the store answers and opens: secret, candidate',
  ],
  [
    'that is missing',
    'keychain',
    records(),
    'warning secret-store: the store answers, and has no secret yet → tokenward enroll web-01, or: tokenward import web-01 (SECRET_ABSENT)',
  ],
  [
    'that does not open',
    'file',
    records({ name: 'secret', opensWith: 'no-key' }),
    'failing secret-store: the secret record does not open with the wrapping key: another key, or damaged contents → restore the key or the record, or: tokenward recover web-01 (STATE_UNREADABLE)',
  ],
  [
    'in memory',
    'memory',
    records(),
    'warning secret-store: the secret is in memory only, and a restart forgets it → have something hand it over after each start, or choose secret: { store: file }',
  ],
  [
    'behind a lock',
    'keychain',
    { kind: 'failed', error: new TokenwardError('STORE_LOCKED', 'the keyring is locked; unlock it') },
    'failing secret-store: the keyring is locked → unlock it (STORE_LOCKED)',
  ],
  ['that the daemon holds', 'keychain', says('held'), 'ok secret-store: the daemon says: held, generation 4'],
  [
    'that the daemon lacks',
    'keychain',
    says('absent'),
    'warning secret-store: the store answers, and has no secret yet → tokenward enroll web-01, or: tokenward import web-01 (SECRET_ABSENT)',
  ],
  [
    'that the daemon cannot reach',
    'keychain',
    says('unreachable', [{ code: 'STORE_UNAVAILABLE', summary: 'the keyring is locked; unlock it' }]),
    'failing secret-store: the keyring is locked → unlock it (STORE_UNAVAILABLE)',
  ],
  [
    'that the server refuses, which is no fault of the store',
    'keychain',
    says('refused', [{ code: 'SECRET_REVOKED', summary: 'revoked' }]),
    'ok secret-store: the daemon says: refused, generation 4',
  ],
  [
    'that nobody can be asked about',
    'keychain',
    { kind: 'unseen', why: 'it is not ours', mend: 'be another' },
    'warning secret-store: it is not ours → be another',
  ],
])('a secret %s', (_what, store, found, line) => {
  expect(told(judgeSecret({ agent: 'web-01', store, creates: true, found }))).toBe(line);
});

it('that is missing can only be imported where the server creates none', () => {
  expect(told(judgeSecret({ agent: 'web-01', store: 'file', creates: false, found: records() }))).toContain(
    'has no secret yet → tokenward import web-01 (SECRET_ABSENT)',
  );
});

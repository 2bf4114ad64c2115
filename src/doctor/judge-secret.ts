import type { TokenwardError } from '../domain/errors.ts';
import type { AgentStatus, StoreKind } from '../domain/status.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import { advisedBy, advisedByError } from './advice.ts';
import { failing, type Line, ok, warning } from './line.ts';

/** What is known of an agent's secret, without its text. */
export interface SecretFacts {
  readonly agent: string;
  readonly store: StoreKind;
  /** Whether the server creates a secret on request: else there is nothing to enrol with. */
  readonly creates: boolean;
  readonly found:
    /** The store was asked, and nothing in it changed. */
    | { readonly kind: 'records'; readonly records: readonly SealedRecord[] }
    | { readonly kind: 'failed'; readonly error: TokenwardError }
    /** The running daemon was asked instead. */
    | { readonly kind: 'status'; readonly status: AgentStatus }
    /** Nobody could be asked, and what would help. */
    | { readonly kind: 'unseen'; readonly why: string; readonly mend: string };
}

export function judgeSecret({ agent, store, creates, found }: SecretFacts): Line {
  const about = { what: `${agent} (${store})`, agents: [agent] };
  const first = `${creates ? `tokenward enroll ${agent}, or: ` : ''}tokenward import ${agent}`;
  if (store === 'memory') {
    return warning('secret-store', {
      ...about,
      detail: 'the secret is in memory only, and a restart forgets it',
      mend: 'have something hand it over after each start, or choose secret: { store: file }',
    });
  }
  switch (found.kind) {
    case 'records':
      return judgeRecords(about, { agent, first }, found.records);
    case 'failed':
      return failing('secret-store', { ...about, ...advisedByError(found.error, 'see to the store') });
    case 'status':
      return judgeStatus(about, first, found.status);
    case 'unseen':
      return warning('secret-store', { ...about, detail: found.why, mend: found.mend });
  }
}

interface About {
  readonly what: string;
  readonly agents: readonly string[];
}

function judgeRecords(
  about: About,
  { agent, first }: { readonly agent: string; readonly first: string },
  records: readonly SealedRecord[],
): Line {
  const closed = records.find(({ opensWith }) => opensWith === 'no-key');
  if (closed !== undefined) {
    return failing('secret-store', {
      ...about,
      detail: `the ${closed.name} record does not open with the wrapping key: another key, or damaged contents`,
      mend: `restore the key or the record, or: tokenward recover ${agent}`,
      code: 'STATE_UNREADABLE',
    });
  }
  const names = records.map(({ name }) => name);
  if (names.length === 0) return absent(about, first);
  return ok('secret-store', { ...about, detail: `the store answers and opens: ${names.join(', ')}` });
}

/** `first` is how the first secret comes in. */
function absent(about: About, first: string): Line {
  return warning('secret-store', {
    ...about,
    detail: 'the store answers, and has no secret yet',
    mend: first,
    code: 'SECRET_ABSENT',
  });
}

/** Refusals and doubts are alerts of their own; here it is about the store. */
function judgeStatus(about: About, first: string, { agent, secret, alerts }: AgentStatus): Line {
  if (secret.status === 'absent') return absent(about, first);
  const codes: readonly string[] = ['STORE_UNAVAILABLE', 'SECRET_NOT_PERSISTED', 'STATE_UNREADABLE'];
  const alert = alerts.find(({ code }) => codes.includes(code));
  if (alert !== undefined) {
    const advised = advisedBy(alert.summary, `tokenward status ${agent}`);
    return failing('secret-store', { ...about, ...advised, code: alert.code });
  }
  return ok('secret-store', {
    ...about,
    detail: `the daemon says: ${secret.status.replace('_', ' ')}, generation ${secret.generation}`,
  });
}

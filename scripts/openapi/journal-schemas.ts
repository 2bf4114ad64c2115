import type { AttemptSlot, Refusal } from '../../src/domain/journal-entry.ts';
import type {
  AttemptFacts,
  DoubtFacts,
  JournalFacts,
  SecretFacts,
  SessionFacts,
} from '../../src/domain/recovery-report.ts';
import { count, flag, moment, nullable, objectOf, ref, type Schema, text, wordOf } from './schema.ts';

/** What `recover` tells of the journal and of the stored token. */

/** Something sealed: what is in it, null where there is none, or that it cannot be read. */
export function readable(schema: Schema, description: string): Schema {
  return { description, anyOf: [schema, { type: 'null' }, { type: 'string', const: 'unreadable' }] };
}

export const slot = wordOf<AttemptSlot>('Which secret was sent.', {
  current: 'the current one',
  candidate: 'one that was handed over',
  previous: 'the one from before',
});

export const secretFacts: Readonly<Record<keyof SecretFacts, Schema>> = {
  generation: count('Counts the secrets of the agent.'),
  fingerprint: ref('Fingerprint'),
};

const doubt = objectOf<DoubtFacts>(
  {
    attempts: count('Attempts whose end nobody knows.'),
    since: moment('When the first of them was sent.'),
    over_at: moment('When the newest of them is surely over.'),
  },
  { description: 'Exchanges that were sent and of which nobody knows how they ended.' },
);

const attempt = objectOf<AttemptFacts>(
  {
    ...secretFacts,
    id: text('Names the attempt.'),
    slot,
    sent_at: moment('When it was sent.'),
    over_at: moment('When its answer was no longer waited for.'),
  },
  { description: 'An exchange.' },
);

const journal = objectOf<JournalFacts>(
  {
    generation: count('Counts the secrets of the agent.'),
    sequence: count('Counts its tokens.'),
    origin: text('Of the server.'),
    here: flag('Whether it was written on this machine or volume.'),
    open_attempt: nullable(ref('Attempt'), 'Sent, and its end was never written down.'),
    doubt: nullable(ref('Doubt'), 'About the current secret.'),
    kept: nullable(
      objectOf<SecretFacts>(secretFacts, { description: 'A secret, by its name.' }),
      'The newest secret, kept beside the store until it has been exchanged itself.',
    ),
    previous: nullable(
      objectOf<NonNullable<JournalFacts['previous']>>(
        { ...secretFacts, doubted: flag('Whether an answer to it was ever lost.') },
        { description: 'A secret, by its name.' },
      ),
      'The secret that was spent last.',
    ),
    candidate: nullable(
      objectOf<NonNullable<JournalFacts['candidate']>>(
        {
          fingerprint: ref('Fingerprint'),
          doubt: nullable(ref('Doubt'), 'About this one.'),
          settled: flag('Whether the server gave its verdict on it.'),
        },
        { description: 'A secret that was handed over.' },
      ),
      'null where none was handed over.',
    ),
    refusal: nullable(
      objectOf<NonNullable<JournalFacts['refusal']>>(
        {
          kind: wordOf<Refusal['kind']>('What it means.', {
            suspected: 'the secret from before has not been tried yet',
            refused: 'it is proven',
            lost: 'an answer went missing before',
          }),
          since: moment('When the server first said no.'),
          tries: count('How often it did.'),
        },
        { description: 'The server refuses the secret.' },
      ),
      'null where the server refuses nothing.',
    ),
    last_exchange: nullable(
      objectOf<NonNullable<JournalFacts['last_exchange']>>(
        { at: moment('When its end became known.'), outcome: text('How it ended, in a word.') },
        { description: 'The last exchange whose end is known.' },
      ),
      'null where there was none yet.',
    ),
  },
  { description: 'What the journal says.' },
);

const session = objectOf<SessionFacts>(
  {
    sequence: count('Of the token.'),
    granted_at: moment('When it was asked for.'),
    expires_at: moment('When its life ends.'),
  },
  { description: 'The stored token.' },
);

export const journalSchemas: Readonly<Record<string, Schema>> = {
  Doubt: doubt,
  Attempt: attempt,
  JournalReport: journal,
  SessionReport: session,
};

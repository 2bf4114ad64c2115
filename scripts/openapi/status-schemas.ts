import type {
  AgentLabel,
  AgentStatus,
  AlertStatus,
  SecretFact,
  Severity,
  StoreKind,
  TokenFact,
} from '../../src/domain/status.ts';
import { count, flag, listOf, moment, nullable, objectOf, ref, type Schema, text, wordOf } from './schema.ts';

/** What the API tells of an agent. */

const fingerprint = `sha256:${'0123456789abcdef'.repeat(4)}`;

const tokenFacts = wordOf<TokenFact>('What is known of the token.', {
  none: 'there was none yet',
  valid: 'it can be used',
  expired: 'its time is over',
  rejected: 'the server does not take it any more, though its time is not over',
});

const secretFacts = wordOf<SecretFact>('What is known of the secret.', {
  absent: 'there is none',
  pending: 'a new one was handed over and waits to be tried',
  held: 'it is stored and known to work, or not known not to',
  in_doubt: 'an exchange was sent and nobody knows how it ended',
  refused: 'the server refuses it',
  lost: 'the server refuses it after an exchange whose answer was lost',
  memory_only: 'the newest one could not be stored and is in memory alone',
  unreachable: 'its store does not answer',
  blocked: 'a person must decide',
});

const agentLabels = wordOf<AgentLabel>('One word for how the agent is.', {
  standby: 'another process holds the agent',
  lost: 'the server refuses the secret after an exchange whose answer was lost; enrol the agent anew',
  revoked: 'the server refuses the secret; enrol the agent anew',
  blocked: 'a person must decide; see alerts, and `tokenward recover AGENT`',
  unprovisioned: 'there is no secret; enrol the agent',
  degraded: 'the token is valid, and something needs watching; see alerts',
  acquiring: 'there is no token yet',
  expired: 'there is no valid token, and a new one is being tried for',
  active: 'the token is valid, and all is well',
});

const storeKinds = wordOf<StoreKind>('Where the secret is kept.', {
  keychain: "the user's keychain (Secret Service)",
  file: 'sealed in the state folder',
  kubernetes: 'a Secret of the cluster',
  memory: 'nowhere: a restart forgets it',
});

const severities = wordOf<Severity>('How much it matters.', {
  info: 'good to know',
  warning: 'look at it within the day',
  critical: 'look at it now',
});

const alert = objectOf<AlertStatus>(
  {
    code: ref('ErrorCode'),
    severity: ref('Severity'),
    since: moment('When it began.'),
    summary: text('What is the matter, and what to do, in a sentence for people. Its wording may change.'),
  },
  { description: 'A condition that an operator should know of, for as long as it lasts.' },
);

const status = objectOf<AgentStatus>(
  {
    agent: ref('AgentName'),
    provider: text('The product that issues the tokens, as the configuration names it.', {
      examples: ['vcf-logs'],
    }),
    state: ref('AgentState'),
    token: objectOf<AgentStatus['token']>(
      {
        status: ref('TokenStatus'),
        sequence: count('Counts the tokens of the agent; restarts do not reset it. 0: there was none yet.'),
        fingerprint: nullable(ref('Fingerprint'), 'Of the newest token; null where there is none.'),
        expires_at: nullable(moment('When its life ends.'), 'null where there is no token.'),
        expires_in: nullable(count('Whole seconds of life that are left.'), 'null where there is no token.'),
      },
      { description: 'The newest token, without its text.' },
    ),
    secret: objectOf<AgentStatus['secret']>(
      {
        status: ref('SecretStatus'),
        generation: count(
          'Counts the secrets of the agent: each rotation is one more. 0: there was none yet.',
        ),
        store: ref('StoreKind'),
        persisted: flag('Whether everything that was received is stored, so that a restart loses nothing.'),
      },
      { description: 'The secret. Nothing ever tells its text.' },
    ),
    next_refresh_at: nullable(moment('When the next exchange is planned.'), 'null where none is planned.'),
    last_exchange: nullable(
      objectOf<NonNullable<AgentStatus['last_exchange']>>(
        {
          at: moment('When its end became known.'),
          outcome: text('How it ended, in a word.', { examples: ['granted', 'refused', 'in-doubt'] }),
          code: nullable(ref('ErrorCode'), 'null where the server granted.'),
        },
        { description: 'The last exchange with the server.' },
      ),
      'null where there was none yet.',
    ),
    alerts: listOf(
      ref('Alert'),
      'Everything that stands now, the most telling first; empty where all is well.',
    ),
  },
  {
    description: 'Facts and label of one agent.',
    examples: [
      {
        agent: 'web-01',
        provider: 'vcf-logs',
        state: 'active',
        token: {
          status: 'valid',
          sequence: 42,
          fingerprint,
          expires_at: '2027-01-31T09:30:00Z',
          expires_in: 1412,
        },
        secret: { status: 'held', generation: 41, store: 'file', persisted: true },
        next_refresh_at: '2027-01-31T09:22:30Z',
        last_exchange: { at: '2027-01-31T09:00:00Z', outcome: 'granted', code: null },
        alerts: [],
      },
    ],
  },
);

export const statusSchemas: Readonly<Record<string, Schema>> = {
  AgentName: text('The name of the agent in the configuration.', {
    pattern: '^[a-z0-9][a-z0-9._-]{0,62}$',
    examples: ['web-01'],
  }),
  Fingerprint: text('SHA-256 of a credential: names it without giving it away.', {
    pattern: '^sha256:[0-9a-f]{64}$',
    examples: [fingerprint],
  }),
  TokenStatus: tokenFacts,
  SecretStatus: secretFacts,
  AgentState: agentLabels,
  StoreKind: storeKinds,
  Severity: severities,
  Alert: alert,
  AgentStatus: status,
};

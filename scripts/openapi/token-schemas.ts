import type { ServedToken } from '../../src/client/daemon-client.ts';
import type { AgentStatus, AlertStatus } from '../../src/domain/status.ts';
import { count, listOf, moment, nullable, objectOf, ref, type Schema, text } from './schema.ts';

/** The token itself, and the events that tell of tokens. */

type TokenAnswer = ServedToken['details'] & { readonly access_token: string };

const answer = objectOf<TokenAnswer>(
  {
    access_token: text('The token. Keep it in memory, and ask again before it ends.'),
    token_type: { type: 'string', const: 'Bearer', description: 'How the token is sent (RFC 6750).' },
    expires_in: count('Whole seconds of life that are left now.'),
    expires_at: moment('When its life ends.'),
    agent: ref('AgentName'),
    sequence: count('Counts the tokens of the agent; also the ETag.', { minimum: 1 }),
  },
  {
    description:
      'The token that may be handed out at this very moment, in the words of OAuth 2.0 (RFC 6749 §5.1).',
    examples: [
      {
        access_token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
        token_type: 'Bearer',
        expires_in: 1412,
        expires_at: '2027-01-31T09:30:00Z',
        agent: 'web-01',
        sequence: 42,
      },
    ],
  },
);

type TokenEvent = Pick<AgentStatus, 'agent'> &
  Pick<AgentStatus['token'], 'sequence' | 'fingerprint' | 'expires_at' | 'expires_in'>;

const tokenEvent = objectOf<TokenEvent>(
  {
    agent: ref('AgentName'),
    sequence: count('Of the new token.', { minimum: 1 }),
    fingerprint: nullable(ref('Fingerprint'), 'Of the new token.'),
    expires_at: nullable(moment('When its life ends.'), 'When its life ends.'),
    expires_in: nullable(count('Whole seconds.'), 'Life that was left when the event was made.'),
  },
  { description: 'Data of the event `token`: there is a new one. Its text is not in it; ask for it.' },
);

type StateEvent = Pick<AgentStatus, 'agent' | 'state'> & {
  readonly token: unknown;
  readonly secret: unknown;
  readonly alerts: unknown;
};

const stateEvent = objectOf<StateEvent>(
  {
    agent: ref('AgentName'),
    state: ref('AgentState'),
    token: objectOf<Pick<AgentStatus['token'], 'status'>>(
      { status: ref('TokenStatus') },
      { description: 'The newest token.' },
    ),
    secret: objectOf<Pick<AgentStatus['secret'], 'status'>>(
      { status: ref('SecretStatus') },
      { description: 'The secret.' },
    ),
    alerts: listOf(
      objectOf<Pick<AlertStatus, 'code' | 'severity'>>(
        { code: ref('ErrorCode'), severity: ref('Severity') },
        { description: 'An alert that stands; its sentence is in the status.' },
      ),
      'Everything that stands now.',
    ),
  },
  { description: 'Data of the event `state`: what changed is the state, the facts or the alerts.' },
);

const rejectionAnswer = objectOf<{ agent: string; sequence: number; matches: boolean }>(
  {
    agent: ref('AgentName'),
    sequence: count('Of the newest token; 0 before the first. Fetch that one.'),
    matches: {
      type: 'boolean',
      description:
        'Whether it is the token that was reported: then it is shown to the server, or replaced. Wait for the next one with `sequence` and `wait`.',
    },
  },
  { description: 'Which token is the newest.' },
);

export const tokenSchemas: Readonly<Record<string, Schema>> = {
  TokenAnswer: answer,
  RejectionAnswer: rejectionAnswer,
  TokenEvent: tokenEvent,
  StateEvent: stateEvent,
};

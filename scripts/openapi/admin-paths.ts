import type { ErrorCode } from '../../src/domain/errors.ts';
import { recoveryActionNames } from '../../src/domain/recovery-report.ts';
import { aboutAgent, jsonAnswer, operation, type OperationNotes, parameter } from './operation.ts';
import { problems } from './problem.ts';
import { flag, nullable, ref, type Schema } from './schema.ts';

/** Paths under which an agent is operated. */

/** Why a store cannot be used. */
const storeTrouble = [
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'STORE_HUNG',
  'STORE_UNREACHABLE',
  'KEY_FILE_UNUSABLE',
  'STATE_DIR_UNUSABLE',
  'SECRET_NOT_PERSISTED',
  'SHUTTING_DOWN',
] as const satisfies readonly ErrorCode[];

const blocked = [
  'STATE_CLONED',
  'STATE_ROLLED_BACK',
  'STATE_UNREADABLE',
  'STORE_MISMATCH',
  'SERVER_CHANGED',
] as const satisfies readonly ErrorCode[];

const serverTrouble = [
  'SERVER_UNREACHABLE',
  'SERVER_TLS_FAILED',
  'SERVER_MISCONFIGURED',
  'SERVER_TROUBLE',
  'SERVER_RATE_LIMITED',
] as const satisfies readonly ErrorCode[];

const refused = ['SECRET_REVOKED', 'SECRET_LOST_IN_FLIGHT'] as const satisfies readonly ErrorCode[];

/** A request with a JSON body of at most 4 KiB, which may be missing. */
function optionalBody(properties: Readonly<Record<string, Schema>>, example: unknown): Schema {
  return {
    description: 'May be missing. At most 4096 bytes. Its Content-Type is not looked at.',
    required: false,
    content: {
      'application/json': { schema: { type: 'object', properties, additionalProperties: false }, example },
    },
  };
}

type AdminNotes = Omit<OperationNotes, 'tags' | 'permission'>;

function adminOperation(notes: AdminNotes): Schema {
  return operation({ ...notes, tags: ['admin'], permission: 'admin' });
}

const refresh = adminOperation({
  operationId: 'refreshAgent',
  summary: 'Exchange now',
  description:
    'Answers when the exchange has ended; joins one that is under way. Draws from the same bucket as planned exchanges (`max_exchanges_per_minute`): an empty one is 429.',
  responses: {
    200: jsonAnswer(
      'The server granted, and everything is durable: the status after it.',
      ref('AgentStatus'),
    ),
    ...problems([
      ...aboutAgent,
      ...refused,
      ...blocked,
      'AGENT_HELD',
      'SECRET_ABSENT',
      ...serverTrouble,
      ...storeTrouble,
      'IN_DOUBT',
    ]),
  },
});

const handOver = adminOperation({
  operationId: 'handOverSecret',
  summary: 'Hand over a new secret',
  description:
    'Stores the secret durably beside the current one, and lets the server judge it at once. Until the server grants, the current one stays what it is. One trailing newline is not part of the secret.',
  parameters: [parameter('WaitForVerdict')],
  requestBody: {
    description:
      'The bare secret, in UTF-8 and on one line, at most 16 KiB. Any Content-Type but JSON is taken for text.',
    required: true,
    content: { 'text/plain': { schema: { type: 'string', minLength: 1 } } },
  },
  responses: {
    200: jsonAnswer('The server granted within `wait`: the status after it.', ref('AgentStatus')),
    202: jsonAnswer('The secret is durable, and the server has not judged it yet.', ref('AgentStatus')),
    ...problems([
      ...aboutAgent,
      'SECRET_INPUT_INVALID',
      'AGENT_HELD',
      ...refused,
      ...blocked,
      'HANDOVER_REFUSED',
      ...storeTrouble,
    ]),
  },
});

const recover = adminOperation({
  operationId: 'recoverAgent',
  summary: 'Mend an agent that is stuck',
  description:
    'What `tokenward recover` does: tells what is known, after the recommended action or the one that is named. With `dry_run` nothing is done.',
  requestBody: optionalBody(
    {
      action: nullable(
        { type: 'string', enum: [...recoveryActionNames] },
        'What to do; null: what is recommended.',
      ),
      matter: nullable(
        ref('ErrorCode'),
        'The code that the caller saw: the action is not done about another one.',
      ),
      dry_run: flag('Whether only the report is wanted.'),
    },
    { dry_run: true },
  ),
  responses: {
    200: jsonAnswer('What is known, and what was done.', ref('RecoveryAnswer')),
    ...problems([
      ...aboutAgent,
      'AGENT_HELD',
      'RECOVERY_NOT_POSSIBLE',
      'STATE_UNREADABLE',
      'STORE_MISMATCH',
      ...storeTrouble,
    ]),
  },
});

const rekey = adminOperation({
  operationId: 'rekeyAgent',
  summary: 'Replace the wrapping key',
  description:
    'What `tokenward rekey` does: replaces the key that seals what is stored, for all agents that share it; 403 where the caller may not do so for one of them. Once begun it goes on without the client. With `dry_run` it only tells what would be sealed anew.',
  requestBody: optionalBody({ dry_run: flag('Whether nothing is to be changed.') }, { dry_run: true }),
  responses: {
    200: jsonAnswer('Whose key was replaced.', ref('RekeyAnswer')),
    ...problems([
      ...aboutAgent,
      'USAGE',
      'AGENT_HELD',
      'SECRET_ABSENT',
      'STATE_UNREADABLE',
      'STORE_MISMATCH',
      ...storeTrouble,
    ]),
  },
});

export const adminPaths: Readonly<Record<string, Schema>> = {
  '/v1/agents/{agent}/refresh': { parameters: [parameter('Agent')], post: refresh },
  '/v1/agents/{agent}/secret': { parameters: [parameter('Agent')], put: handOver },
  '/v1/agents/{agent}/recover': { parameters: [parameter('Agent')], post: recover },
  '/v1/agents/{agent}/rekey': { parameters: [parameter('Agent')], post: rekey },
};

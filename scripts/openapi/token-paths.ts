import { rejectionStatuses } from '../../src/domain/probe.ts';
import { aboutAgent, answer, header, jsonAnswer, operation, parameter } from './operation.ts';
import { problems } from './problem.ts';
import { ref, type Schema } from './schema.ts';

/** Paths under which shippers get the token. */

/** Where a person is needed, the reason is told instead of a mere "not now". */
const unavailable = (
  [
    'TOKEN_UNAVAILABLE',
    'SHUTTING_DOWN',
    'SECRET_REVOKED',
    'SECRET_LOST_IN_FLIGHT',
    'IN_DOUBT',
    'HANDOVER_REFUSED',
    'STATE_CLONED',
    'STATE_ROLLED_BACK',
    'STATE_UNREADABLE',
    'STORE_MISMATCH',
    'SERVER_CHANGED',
  ] as const
).map((code) => ({ code, status: 503 }));

const asked = [
  parameter('MinTtl'),
  parameter('Sequence'),
  parameter('WaitForToken'),
  parameter('IfNoneMatch'),
];

const answers: Readonly<Record<string, Schema>> = {
  200: answer('The token: as JSON, or bare where `Accept` ranks text/plain above JSON.', {
    content: {
      'application/json': { schema: ref('TokenAnswer') },
      'text/plain': { schema: { type: 'string', minLength: 1 }, example: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' },
    },
    headers: { ETag: header('TokenTag') },
  }),
  304: {
    description:
      'There is no other token than the one that the client has, by `sequence` or `If-None-Match`.',
    headers: { 'Cache-Control': header('NoStore'), ETag: header('TokenTag') },
  },
};

const ofAgent: Schema = {
  parameters: [parameter('Agent')],
  get: operation({
    operationId: 'getToken',
    tags: ['token'],
    summary: 'The token of an agent',
    description:
      'The token that may be handed out at this very moment; nothing is asked of the server for it. One that is expired or known to be rejected never comes. Ask with every batch, or wait for the next one with `sequence` and `wait`.',
    permission: 'token',
    parameters: asked,
    responses: { ...answers, ...problems([...aboutAgent, ...unavailable], { alwaysRetry: [503] }) },
  }),
};

const ofOnlyAgent: Schema = {
  get: operation({
    operationId: 'getOnlyToken',
    tags: ['token'],
    summary: 'The token of the only agent',
    description:
      'The same, for callers that may read the token of exactly one agent and need not know its name.',
    permission: 'token',
    parameters: asked,
    responses: {
      ...answers,
      ...problems([...aboutAgent, { code: 'REQUEST_INVALID', status: 409 }, ...unavailable], {
        alwaysRetry: [503],
      }),
    },
  }),
};

const rejections: Schema = {
  parameters: [parameter('Agent')],
  post: operation({
    operationId: 'reportRejection',
    tags: ['token'],
    summary: 'A token was rejected',
    description:
      'For shippers that the server refused with a token. One report destroys nothing: the token is shown to the server, or one exchange fetches another, however many report it. Whoever revoked the tokens at the server says `revoked: true`, which counts without confirmation and needs the permission `admin`.',
    permission: 'token',
    requestBody: {
      description: 'At most 4096 bytes. Its Content-Type is not looked at.',
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              fingerprint: ref('Fingerprint'),
              status: {
                type: 'integer',
                enum: [...rejectionStatuses],
                description: 'What the server answered; 440 is a session of VMware that has ended.',
              },
              revoked: {
                type: 'boolean',
                default: false,
                description: 'That the token is revoked is known from the server itself.',
              },
            },
            required: ['fingerprint', 'status'],
            additionalProperties: false,
          },
          example: {
            fingerprint: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
            status: 401,
          },
        },
      },
    },
    responses: {
      202: jsonAnswer('Taken note of.', ref('RejectionAnswer')),
      ...problems([...aboutAgent]),
    },
  }),
};

export const tokenPaths: Readonly<Record<string, Schema>> = {
  '/v1/agents/{agent}/token/rejections': rejections,
  '/v1/agents/{agent}/token': ofAgent,
  '/v1/token': ofOnlyAgent,
};

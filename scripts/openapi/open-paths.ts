import type { Surface } from '../../src/serve/routes.ts';
import {
  answer,
  anyTime,
  header,
  jsonAnswer,
  operation,
  type OperationNotes,
  parameter,
} from './operation.ts';
import { problems } from './problem.ts';
import { flag, listOf, ref, type Schema, text } from './schema.ts';

/** Paths that are open to everybody who can connect. */

/** A query is the supervisor's own, and ignored: no request is wrong. */
const supervised = ['RATE_LIMITED', 'INTERNAL'] as const;

function supervision(
  surface: Surface,
  notes: Omit<OperationNotes, 'tags' | 'permission' | 'surface'>,
): Schema {
  return operation({ ...notes, tags: ['supervision'], permission: null, surface });
}

const healthz = supervision('health', {
  operationId: 'getHealth',
  summary: 'Whether the daemon lives',
  description: 'That it answers is the answer.',
  responses: {
    200: answer('It lives.', { content: { 'text/plain': { schema: { type: 'string', const: 'ok' } } } }),
    ...problems(['RATE_LIMITED']),
  },
});

const readyz = supervision('health', {
  operationId: 'getReadiness',
  summary: 'Whether every agent can be served',
  description: 'Ready is: every agent has a valid token that a restart would not lose.',
  responses: {
    200: jsonAnswer('All are ready.', ref('Readiness')),
    503: jsonAnswer('At least one is not.', ref('Readiness')),
    ...problems(supervised),
  },
});

const metrics = supervision('metrics', {
  operationId: 'getMetrics',
  summary: 'Metrics for Prometheus',
  description: 'The text format of Prometheus, version 0.0.4.',
  responses: {
    200: answer('The metrics.', { content: { 'text/plain': { schema: { type: 'string' } } } }),
    ...problems(supervised),
  },
});

const openapi = operation({
  operationId: 'getDescription',
  tags: ['description'],
  summary: 'This document',
  description: 'OpenAPI 3.1 of the version that runs.',
  permission: null,
  parameters: [parameter('IfNoneMatch')],
  responses: {
    200: {
      description: 'This document.',
      headers: { 'Cache-Control': header('NoCache'), ETag: header('DocumentTag') },
      content: { 'application/json': { schema: ref('Description') } },
    },
    304: {
      description: 'The client has it already.',
      headers: { 'Cache-Control': header('NoCache'), ETag: header('DocumentTag') },
    },
    ...problems(anyTime),
  },
});

const oauthAnswer = (what: string, schema: string, headers: Readonly<Record<string, Schema>> = {}) =>
  answer(what, {
    content: { 'application/json': { schema: ref(schema) } },
    headers: { Pragma: header('Pragma'), ...headers },
  });

/** `errors` are words of OAuth. */
const oauthRefusal = (what: string, errors: string, headers: Readonly<Record<string, Schema>> = {}) =>
  oauthAnswer(`${what} error: ${errors}.`, 'OAuthError', headers);

const oauth = operation({
  operationId: 'getOAuthToken',
  tags: ['token'],
  summary: 'The token of an agent, by OAuth 2.0',
  description:
    'Client credentials grant (RFC 6749 §4.4). On the Unix socket the peer is the client, with the verb `token`, and `scope` or `client_id` may name the agent. On a `tcp` listener that serves `oauth` the client shows its secret, in the header or in the body.',
  permission: null,
  surface: 'oauth',
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: ref('OAuthRequest') } },
  },
  responses: {
    200: oauthAnswer('The token.', 'OAuthAnswer'),
    400: oauthRefusal(
      'The request is wrong, or means no agent.',
      'invalid_request, unsupported_grant_type, invalid_scope or unauthorized_client',
    ),
    401: oauthRefusal('The client is unknown, or its secret is wrong.', 'invalid_client', {
      'WWW-Authenticate': header('BasicChallenge'),
    }),
    503: oauthRefusal('There is no valid token now.', 'temporarily_unavailable', {
      'Retry-After': header('RetryAfter'),
    }),
    ...problems(['RATE_LIMITED']),
  },
});

/** The open surfaces can be had over TCP too. */
const servers = [
  { url: 'http://localhost', description: 'the Unix socket of a `unix` listener' },
  { url: 'http://127.0.0.1:9464', description: 'a `tcp` listener that serves it' },
];

export const openPaths: Readonly<Record<string, Schema>> = {
  '/healthz': { servers, get: healthz },
  '/readyz': { servers, get: readyz },
  '/metrics': { servers, get: metrics },
  '/v1/openapi.json': { get: openapi },
  '/oauth/token': { servers, post: oauth },
};

export const openSchemas: Readonly<Record<string, Schema>> = {
  OAuthRequest: {
    type: 'object',
    description: 'Other parameters are ignored.',
    properties: {
      grant_type: text('The grant.', { const: 'client_credentials' }),
      client_id: text('The name of the client; on the Unix socket it may be that of an agent.'),
      client_secret: text('The secret of the client, where it is not in the Authorization header.'),
      scope: text('The name of the agent; may be left out where only one is meant.'),
    },
    required: ['grant_type'],
    additionalProperties: true,
    examples: [{ grant_type: 'client_credentials', scope: 'web-01' }],
  },
  OAuthAnswer: {
    type: 'object',
    description: 'RFC 6749 §5.1.',
    properties: {
      access_token: text('The token, as the server issued it.', { minLength: 1 }),
      token_type: text("For the client; the header that carries the token to the server is the agent's.", {
        const: 'Bearer',
      }),
      expires_in: { type: 'integer', minimum: 0, description: 'Whole seconds until this token ends.' },
    },
    required: ['access_token', 'token_type', 'expires_in'],
    examples: [{ access_token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln', token_type: 'Bearer', expires_in: 1349 }],
  },
  OAuthError: {
    type: 'object',
    description: 'RFC 6749 §5.2, with our own code.',
    properties: {
      error: text('What is wrong, in a word of OAuth.'),
      error_description: text('The same for people.'),
      code: text('The code of docs/errors.md.'),
    },
    required: ['error', 'error_description', 'code'],
    examples: [
      {
        error: 'invalid_client',
        error_description: 'the client is unknown here, or its secret is wrong',
        code: 'PEER_DENIED',
      },
    ],
  },
  Readiness: {
    type: 'object',
    description: 'Whether all agents are ready, and which.',
    properties: {
      ready: flag('Whether all are.'),
      agents: listOf(
        {
          type: 'object',
          description: 'One agent.',
          properties: {
            agent: ref('AgentName'),
            state: ref('AgentState'),
            ready: flag('Whether it has a valid token that a restart would not lose.'),
          },
          required: ['agent', 'state', 'ready'],
        },
        'In the order of the configuration.',
      ),
    },
    required: ['ready', 'agents'],
    examples: [{ ready: true, agents: [{ agent: 'web-01', state: 'active', ready: true }] }],
  },
  Description: {
    type: 'object',
    description: 'An OpenAPI document.',
    properties: { openapi: text('The version of OpenAPI.', { pattern: String.raw`^3\.1\.\d+$` }) },
    required: ['openapi', 'info', 'paths'],
    additionalProperties: true,
  },
};

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

/** The two open surfaces can be had over TCP too. */
const servers = [
  { url: 'http://localhost', description: 'the Unix socket of a `unix` listener' },
  { url: 'http://127.0.0.1:9464', description: 'a `tcp` listener that serves it' },
];

export const openPaths: Readonly<Record<string, Schema>> = {
  '/healthz': { servers, get: healthz },
  '/readyz': { servers, get: readyz },
  '/metrics': { servers, get: metrics },
  '/v1/openapi.json': { get: openapi },
};

export const openSchemas: Readonly<Record<string, Schema>> = {
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

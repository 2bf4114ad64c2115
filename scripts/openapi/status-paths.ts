import { aboutAgent, answer, anyTime, header, jsonAnswer, operation, parameter } from './operation.ts';
import { problems } from './problem.ts';
import { listOf, ref, type Schema } from './schema.ts';

/** Paths under which agents are watched. */

const agents: Schema = {
  get: operation({
    operationId: 'listAgents',
    tags: ['status'],
    summary: 'The status of all agents',
    description: 'The agents whose status the caller may see, in the order of the configuration.',
    permission: 'status',
    responses: {
      200: jsonAnswer('Their statuses.', ref('AgentList')),
      ...problems([...anyTime, 'PEER_DENIED']),
    },
  }),
};

const agent: Schema = {
  parameters: [parameter('Agent')],
  get: operation({
    operationId: 'getAgent',
    tags: ['status'],
    summary: 'The status of one agent',
    description: 'Facts, label and alerts. Nothing of it costs the server a request.',
    permission: 'status',
    responses: {
      200: jsonAnswer('Its status.', ref('AgentStatus')),
      ...problems(aboutAgent),
    },
  }),
};

const events: Schema = {
  parameters: [parameter('Agent')],
  get: operation({
    operationId: 'watchAgent',
    tags: ['status'],
    summary: 'A stream of what changes',
    description: [
      'Server-sent events (WHATWG HTML §9.2): `token` for each new token (schema `TokenEvent`), `state` for each change of state, facts or alerts (schema `StateEvent`). Both come at the beginning, unless `Last-Event-ID` says that the client knows them.',
      'The id of an event means the same after a restart of the daemon. A comment every 15 s shows that the stream lives. Data is JSON on one line.',
    ].join('\n\n'),
    permission: 'status',
    parameters: [parameter('LastEventId')],
    responses: {
      200: {
        ...answer('The stream; it ends when the daemon or the client ends it.', {
          content: {
            'text/event-stream': {
              schema: { type: 'string' },
              example:
                'retry: 2000\n\nid: 42.0123456789abcdef\nevent: token\ndata: {"agent":"web-01","sequence":42,"fingerprint":null,"expires_at":"2027-01-31T09:30:00Z","expires_in":1800}\n\n',
            },
          },
          headers: { 'X-Accel-Buffering': header('NoBuffering') },
        }),
        'x-tokenward-events': { token: ref('TokenEvent'), state: ref('StateEvent') },
      },
      ...problems([...aboutAgent, 'SHUTTING_DOWN'], { alwaysRetry: [503] }),
    },
  }),
};

export const statusPaths: Readonly<Record<string, Schema>> = {
  '/v1/agents': agents,
  '/v1/agents/{agent}': agent,
  '/v1/agents/{agent}/events': events,
};

export const agentList: Schema = {
  type: 'object',
  description: 'Several agents.',
  properties: { agents: listOf(ref('AgentStatus'), 'In the order of the configuration.') },
  required: ['agents'],
};

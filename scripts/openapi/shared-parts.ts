import { count, ref, type Schema, text } from './schema.ts';

/** Parameters and headers that more than one operation has. */

const durationPattern = String.raw`^(\d{1,12}(ms|[smhd]))+$`;

export const parameters: Readonly<Record<string, Schema>> = {
  Agent: {
    name: 'agent',
    in: 'path',
    required: true,
    description: 'The name of the agent in the configuration.',
    schema: ref('AgentName'),
    example: 'web-01',
  },
  MinTtl: {
    name: 'min_ttl',
    in: 'query',
    description:
      'A life that the token should have left, such as `60s`. Where it has less and its refresh is near, the answer waits for that. It never forces an exchange, and after the wait the token is answered as it is.',
    schema: { type: 'string', pattern: durationPattern },
    example: '60s',
  },
  Sequence: {
    name: 'sequence',
    in: 'query',
    description:
      'The sequence of the token that the client has, 0 for none: it asks for another one. While there is none the answer is 304.',
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    example: 42,
  },
  WaitForToken: {
    name: 'wait',
    in: 'query',
    description:
      'How long to wait for another token than `sequence`, at most `10m`. Needs `sequence`. Ask again right after a 304.',
    schema: { type: 'string', pattern: durationPattern },
    example: '30s',
  },
  WaitForVerdict: {
    name: 'wait',
    in: 'query',
    description:
      "How long to wait for the server's verdict on the secret, at most `5m`; longer waits end there. Without it the answer comes once the secret is durable.",
    schema: { type: 'string', pattern: durationPattern },
    example: '30s',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'ETags that the client has; where one of them still holds, the answer is 304.',
    schema: { type: 'string' },
    example: '"42"',
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that the client got: what it knows already is not told again.',
    schema: { type: 'string' },
    example: '42.0123456789abcdef',
  },
};

const retryAfter = count('Whole seconds after which another try makes sense (RFC 9110 §10.2.3).', {
  minimum: 1,
});

export const headers: Readonly<Record<string, Schema>> = {
  NoStore: {
    description: 'Nothing here may be kept by a cache: it is all about the moment.',
    required: true,
    schema: { type: 'string', const: 'no-store' },
  },
  NoCache: {
    description: 'A cache asks with If-None-Match before it uses what it has.',
    required: true,
    schema: { type: 'string', const: 'no-cache' },
  },
  Pragma: {
    description: 'The same for caches of HTTP/1.0 (RFC 6749 §5.1).',
    required: true,
    schema: { type: 'string', const: 'no-cache' },
  },
  BasicChallenge: {
    description: 'How the client may show its secret.',
    required: true,
    schema: { type: 'string', const: 'Basic realm="tokenward"' },
  },
  RetryAfter: { description: 'When to come back.', required: true, schema: retryAfter },
  PerhapsRetryAfter: { description: 'When to come back, where that is known.', schema: retryAfter },
  TokenTag: {
    description: 'The sequence of the token, in quotes.',
    required: true,
    schema: { type: 'string', pattern: String.raw`^"\d+"$` },
    example: '"42"',
  },
  NoBuffering: {
    description: 'Keeps a proxy such as nginx from holding events back.',
    required: true,
    schema: { type: 'string', const: 'no' },
  },
  DocumentTag: {
    description: 'Changes with the document.',
    required: true,
    schema: text('Of the content.', { pattern: '^"[0-9a-f]+"$' }),
  },
};

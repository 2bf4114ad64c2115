import { splitTarget } from '../../../src/serve/request-input.ts';
import type { Exchange } from './exchange.ts';
import {
  type DescribedHeader,
  type DescribedOperation,
  type DescribedResponse,
  paths,
  resolved,
  schemaComplaints,
  templateOf,
} from './strict-document.ts';

/** Holds answers of the local API to its OpenAPI document. */

/** What the document's own description says of every path, method and connection, by status. */
const generalCodes: Readonly<Record<number, readonly string[]>> = {
  400: ['REQUEST_INVALID'],
  404: ['NOT_FOUND'],
  408: ['REQUEST_INVALID'],
  429: ['RATE_LIMITED'],
  431: ['REQUEST_INVALID'],
};

const generalHeaders = {
  'Cache-Control': { $ref: '#/components/headers/NoStore' },
  'Retry-After': { $ref: '#/components/headers/PerhapsRetryAfter' },
};

/** Headers of the transport, which no operation describes. */
const transport: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);

export interface Judgement {
  /** `GET /v1/agents 200 application/json`; null where the answer belongs to no operation. */
  readonly met: string | null;
  /** Empty where the answer is as described. */
  readonly complaints: readonly string[];
}

export function judge(exchange: Exchange): Judgement {
  const { status, headers } = exchange;
  const template = exchange.target === null ? undefined : templateOf(splitTarget(exchange.target).path);
  const method = exchange.method === 'HEAD' ? 'GET' : exchange.method;
  const operation = template === undefined ? undefined : operationOf(template, method);
  const response = responseTo(exchange, template, operation);
  if (response === null) return { met: null, complaints: [`status ${status} is not described`] };
  const type = headers['content-type']?.split(';')[0];
  const isDescribed = operation?.responses[status] !== undefined;
  return {
    met: isDescribed ? [method, template, status, ...(type === undefined ? [] : [type])].join(' ') : null,
    complaints: [...headerComplaints(exchange, response), ...contentComplaints(exchange, response, type)],
  };
}

function operationOf(template: string, method: string): DescribedOperation | undefined {
  return paths[template]?.[method.toLowerCase() as 'get' | 'post' | 'put'];
}

/** What describes the answer: its operation, or what is said of all; null where nothing does. */
function responseTo(
  { status }: Exchange,
  template: string | undefined,
  operation: DescribedOperation | undefined,
): DescribedResponse | null {
  const own = operation?.responses[status];
  const general = generalCodes[status] ?? [];
  const codes = own?.['x-tokenward-codes'];
  if (own !== undefined)
    return codes === undefined ? own : { ...own, 'x-tokenward-codes': [...codes, ...general] };
  if (template !== undefined && operation === undefined && status === 405)
    return problemWith(['REQUEST_INVALID'], { Allow: allowed });
  return general.length > 0 ? problemWith(general) : null;
}

const allowed: DescribedHeader = {
  required: true,
  schema: { type: 'string', pattern: '^(GET, HEAD|POST|PUT)$' },
};

function problemWith(
  codes: readonly string[],
  more: Readonly<Record<string, object>> = {},
): DescribedResponse {
  return {
    headers: { ...generalHeaders, ...more },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    'x-tokenward-codes': codes,
  };
}

function headerComplaints({ headers }: Exchange, response: DescribedResponse): readonly string[] {
  const described = Object.entries(response.headers ?? {}).map(
    ([name, header]): [string, DescribedHeader] => [
      name.toLowerCase(),
      '$ref' in header ? (resolved(header) as DescribedHeader) : header,
    ],
  );
  const known = new Set([...transport, ...described.map(([name]) => name)]);
  const strange = Object.keys(headers).filter((name) => !known.has(name));
  return [
    ...strange.map((name) => `the header ${name} is not described`),
    ...described.flatMap(([name, header]) => {
      const value = headers[name];
      if (value === undefined) return header.required === true ? [`the header ${name} is missing`] : [];
      const typed = 'type' in header.schema && header.schema.type === 'integer' ? Number(value) : value;
      return schemaComplaints(header.schema, typed).map((complaint) => `the header ${name}: ${complaint}`);
    }),
  ];
}

function contentComplaints(
  { method, body, headers, status, whole }: Exchange,
  response: DescribedResponse,
  type: string | undefined,
): readonly string[] {
  const { content = {} } = response;
  if (type === undefined)
    return Object.keys(content).length > 0 || body !== '' ? ['there is no Content-Type'] : [];
  const media = content[type];
  if (media === undefined) return [`the Content-Type ${type} is not described`];
  if (method === 'HEAD') return body === '' ? [] : ['HEAD is answered with a body'];
  if (type === 'text/event-stream') return eventComplaints(body, response['x-tokenward-events'] ?? {});
  if (!whole) return [];
  if (!type.endsWith('json')) return schemaComplaints(media.schema, body);
  const value = parsed(body);
  const wrong = schemaComplaints(media.schema, value);
  if (wrong.length > 0 || response['x-tokenward-codes'] === undefined) return wrong;
  return problemComplaints(value as Problem, { status, headers, codes: response['x-tokenward-codes'] });
}

interface Problem {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  readonly retry_after?: number;
}

interface Told extends Pick<Exchange, 'status' | 'headers'> {
  readonly codes: readonly string[];
}

/** What no schema can say. */
function problemComplaints(
  { type, status, code, retry_after }: Problem,
  { headers, codes, ...told }: Told,
): readonly string[] {
  const retryAfter = headers['retry-after'];
  return [
    ...(codes.includes(code) ? [] : [`the code ${code} is not described for ${told.status}`]),
    ...(type === `urn:tokenward:error:${code}` ? [] : [`type and code differ: ${type}`]),
    ...(status === told.status ? [] : [`the body says ${status}, the head ${told.status}`]),
    ...(retry_after === (retryAfter === undefined ? undefined : Number(retryAfter))
      ? []
      : ['Retry-After and retry_after differ']),
  ];
}

/** The events that have come whole (WHATWG HTML §9.2.6). */
function eventComplaints(body: string, schemas: Readonly<Record<string, object>>): readonly string[] {
  const blocks = body.split('\n\n').slice(0, -1);
  return blocks.flatMap((block) => {
    const lines = block.split('\n').map((line) => /^([a-z]*):? ?(.*)$/.exec(line)?.slice(1) ?? ['?']);
    const fields = new Map(lines as [string, string][]);
    const strange = [...fields.keys()].filter((name) => !['', 'id', 'event', 'data', 'retry'].includes(name));
    if (strange.length > 0) return [`an event has the fields ${strange.join(', ')}`];
    const event = fields.get('event');
    if (event === undefined) return fields.has('data') ? ['an event has no name'] : [];
    const schema = schemas[event];
    return schema === undefined
      ? [`the event ${event} is not described`]
      : schemaComplaints(schema, parsed(fields.get('data') ?? '')).map(
          (each) => `the event ${event}: ${each}`,
        );
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which fits no schema
  }
}

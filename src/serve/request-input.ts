import type { IncomingMessage } from 'node:http';
import { parseDuration } from '../domain/duration.ts';
import { TokenwardError } from '../domain/errors.ts';

/** What a request brings along, checked: parameters of the query and a bounded body. */

export type Parameters = ReadonlyMap<string, string>;

export const noParameters: Parameters = new Map();

export interface Target {
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
}

/** Splits a request target, also in its absolute form (RFC 9112 §3.2.2), which proxies and some libraries send. */
export function splitTarget(target: string): Target {
  const origin = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const mark = origin.indexOf('?');
  return mark === -1
    ? { path: origin, query: '' }
    : { path: origin.slice(0, mark), query: origin.slice(mark + 1) };
}

/** Throws `REQUEST_INVALID` for a parameter that the route does not know or that comes twice: it would be ignored in silence. */
export function parseParameters(query: string, known: readonly string[]): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known.includes(name)) throw new TokenwardError('REQUEST_INVALID', unknownParameter(name, known));
    if (parameters.has(name))
      throw new TokenwardError('REQUEST_INVALID', `the parameter "${name}" is given twice; give it once`);
    parameters.set(name, value);
  }
  return parameters;
}

function unknownParameter(name: string, known: readonly string[]): string {
  const advice = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
  return `this request has no parameter "${name}"; ${advice}`;
}

/** Milliseconds of a parameter such as `30s` or `1h30m` (as the configuration writes durations); null where it is not given. */
export function durationParameter(parameters: Parameters, name: string): number | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  const advice = 'write a number with its unit, such as 30s or 5m';
  throw new TokenwardError('REQUEST_INVALID', `the parameter "${name}" is not a duration; ${advice}`);
}

/** The number of a token in a parameter, from 0 (none) to the largest that JSON carries exactly; null where it is not given. */
export function sequenceParameter(parameters: Parameters, name: string): number | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const advice = `write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
  throw new TokenwardError('REQUEST_INVALID', `the parameter "${name}" is no number of a token; ${advice}`);
}

/** The whole body, or null where it is larger than `limit` bytes. Rejects where the client goes away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left early, the stream must stay open: the answer goes out over the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limit) {
      // Read on and thrown away, for clients that look for an answer only when they have said all.
      request.resume();
      return null;
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

/** A JSON object; null for a text that is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null; // the caller says what is wrong with it
  }
}

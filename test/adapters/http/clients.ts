import { expect } from 'vitest';
import type { HttpAnswer } from '../../../src/domain/outcome.ts';
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
} from '../../../src/platform/http/client.ts';
import type { HttpConnection, HttpRequest } from '../../../src/platform/http/connection.ts';

export const timeouts = { connectMs: 2_000, headersMs: 2_000, bodyMs: 2_000 };

export function clientFor(url: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  return createHttpClient({ url, tls: {}, env: {}, timeouts, ...options });
}

export const exchange: HttpRequest = {
  method: 'POST',
  path: '/exchange',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"secret":"s3cret"}'),
};

/** A signal that nobody aborts. */
export function patience(): AbortSignal {
  return new AbortController().signal;
}

/** The connection, where the test is about what comes after. */
export async function connected(client: HttpClient): Promise<HttpConnection> {
  const connection = await client.connect(patience());
  if ('kind' in connection) throw new Error(`not connected: ${connection.reason}`);
  return connection;
}

export function textOf(answer: Pick<HttpAnswer, 'body'>): string {
  return Buffer.from(answer.body).toString('latin1');
}

/** The answer of a client that was to get an HTTP answer. */
export async function httpAnswerOf(client: HttpClient): Promise<HttpAnswer> {
  const answer = await client.send(exchange, patience());
  expect(answer).toMatchObject({ kind: 'http' });
  return answer as HttpAnswer;
}

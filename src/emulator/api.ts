/** What an emulated product looks like to the HTTP server around it: a table of routes whose handlers are synchronous and know no socket. */

export const endpoints = [
  'exchange',
  'create',
  'list',
  'revoke',
  'session',
  'ingest',
  'metrics',
  'onezone-issue',
  'onezone-revoke-all',
  'onezone-provider',
  'f5-revoke',
  'f5-list',
] as const;

/** The name by which faults and counters speak of an operation. */
export type Endpoint = (typeof endpoints)[number];

export interface ApiRequest {
  /** Lower-case names; of a repeated header the first. */
  readonly headers: Readonly<Record<string, string>>;
  /** The decoded `{…}` parts of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the log: what happened, without any credential. */
  readonly note?: string;
}

/** How a product words the errors that are not its own doing: those of faults, and of requests it cannot serve. */
export interface ErrorWording {
  /** The JSON value of an error; `code` where a fault names one in the product's terms. */
  error(status: number, message: string, code?: string): unknown;
  /** The JSON value of a 429. */
  limit(message: string): unknown;
}

export interface Route {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** A path with `{parameter}` segments. */
  readonly path: string;
  /** A request whose body is larger is answered 413. */
  readonly maxBodyBytes: number;
  readonly wording: ErrorWording;
  /** Does what the request asks and words the answer. When it returns, the server has committed. */
  readonly handle: (request: ApiRequest) => ApiAnswer;
}

export function jsonAnswer(status: number, value: unknown, note?: string): ApiAnswer {
  const answer = { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
  return note === undefined ? answer : { ...answer, note };
}

import { TokenwardError } from '../domain/errors.ts';
import type { Answer, HttpAnswer } from '../domain/outcome.ts';
import type { Secret } from '../domain/secret.ts';
import type { HttpClient } from '../platform/http/client.ts';
import type { HttpRequest } from '../platform/http/connection.ts';
import { type AdminContext, type AdminTask, adminError } from './admin-error.ts';
import { readBody } from './answer/body.ts';

/** What the administration of every product has in common: a credential in a header, and one request that is sent once. */

/** What an administration is made of. */
export interface AdminDependencies {
  readonly http: HttpClient;
  readonly credential: Secret;
  /** A command line that would create a secret under another name, for whom the server says that this one is taken. */
  readonly anotherName: (name: string) => string;
}

/** How a product is spoken to. */
interface AdminManner extends Pick<AdminContext, 'mayDo' | 'readComplaint'> {
  /** The header that the credential goes into. */
  readonly header: string;
  /** The word before it there; null where it stands alone. */
  readonly scheme: string | null;
}

export interface AdminCall<T> {
  readonly task: AdminTask;
  readonly request: HttpRequest;
  /** What the JSON of a 2xx answer says; null where that is not what the API answers. */
  readonly read: (value: unknown, status: number) => T | null;
}

export type AdminCaller = <T>(call: AdminCall<T>, signal: AbortSignal) => Promise<T>;

/** Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function createAdminCaller(
  { http, credential }: Pick<AdminDependencies, 'http' | 'credential'>,
  { header, scheme, ...manner }: AdminManner,
): AdminCaller {
  const text = credential.reveal();
  assertHeader(text, scheme);
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    [header]: scheme === null ? text : `${scheme} ${text}`,
  };
  return async ({ task, request, read }, signal) => {
    const answer = await http.send({ ...request, headers: { ...headers, ...request.headers } }, signal);
    const result = isSuccess(answer) ? read(jsonOf(answer), answer.status) : null;
    if (result === null) throw adminError(answer, task, { ...manner, credential });
    return result;
  };
}

export function jsonRequest(path: string, body: unknown): HttpRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function assertHeader(credential: string, scheme: string | null): void {
  if (/^[\x21-\x7e]+$/.test(credential)) return;
  const isTold = scheme !== null && credential.toLowerCase().startsWith(`${scheme.toLowerCase()} `);
  throw new TokenwardError(
    'SECRET_INPUT_INVALID',
    isTold
      ? `the admin credential begins with "${scheme}"; give the token alone, without that word`
      : 'the admin credential has blanks or special characters in it; give the bare token on one line',
  );
}

function isSuccess(answer: Answer): answer is HttpAnswer {
  return answer.kind === 'http' && answer.complete && answer.status >= 200 && answer.status < 300;
}

function jsonOf(answer: HttpAnswer): unknown {
  const body = readBody(answer.body);
  return body.kind === 'json' ? body.value : null;
}

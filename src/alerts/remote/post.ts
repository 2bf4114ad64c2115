import type { HttpAnswer } from '../../domain/outcome.ts';
import type { TlsSettings } from '../../platform/http/tls-files.ts';
import type { RemoteParts } from './parts.ts';

export interface Post {
  readonly url: string;
  readonly tls: TlsSettings;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** An answer is only looked at for its status. */
const maxAnswerBytes = 4 * 1024;

/** Posts JSON. Resolves when it was accepted (2xx); rejects `SERVER_*` with the host, never with the path, which may be a secret. */
export async function post(
  parts: RemoteParts,
  { url, tls, headers = {}, body }: Post,
  signal: AbortSignal,
): Promise<void> {
  const { origin, pathname, search, host } = new URL(url);
  const request = {
    method: 'POST',
    path: pathname + search,
    headers: { 'content-type': 'application/json', 'user-agent': 'tokenward', ...headers },
    body,
    maxBodyBytes: maxAnswerBytes,
  } as const;
  const answer = await parts.send({ origin, tls }, request, signal);
  if (answer.kind === 'not-sent') throw parts.failure(answer.code, answer.reason);
  if (answer.kind === 'unanswered')
    throw parts.failure(
      'SERVER_TROUBLE',
      `${host} did not answer (${answer.reason}); it may or may not have the notice`,
    );
  if (answer.status < 200 || answer.status > 299) throw refused(parts, host, answer);
}

function refused(parts: RemoteParts, host: string, { status, headers }: HttpAnswer): Error {
  const said = `${host} answered ${status}`;
  if (status < 400)
    return parts.failure('SERVER_MISCONFIGURED', `${said}, and redirects are not followed; correct the url`);
  if (status === 429)
    return parts.failure(
      'SERVER_RATE_LIMITED',
      `${said}: too many requests`,
      retryAfterMs(headers['retry-after']),
    );
  if (status >= 500 || status === 408)
    return parts.failure('SERVER_TROUBLE', `${said}; look at it there`, retryAfterMs(headers['retry-after']));
  return parts.failure('SERVER_REFUSED', `${said}; see to the url and to the key or password that it wants`);
}

/** Whole seconds (RFC 9110 §10.2.3); a date is not waited for. */
function retryAfterMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

import { answerProblem } from '../../platform/http/answer-problem.ts';
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
const wording = {
  cargo: 'the notice',
  whenRefused: 'see to the url and to the key or password that it wants',
};

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
  const problem = answerProblem(answer, host, wording);
  if (problem !== null) throw parts.failure(problem.code, problem.message, problem.retryAfterMs);
}

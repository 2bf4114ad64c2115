import { asTokenwardError, errorClasses, TokenwardError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { maxSecretBytes, parseSecretInput, secretTooLarge } from '../../platform/secret-input.ts';
import type { Agent } from '../../ports/agent.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { whenImpatient, type AgentHandler, type Call } from '../call.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { durationParameter, readBody } from '../request-input.ts';
import { beginWait } from '../waiting.ts';

/** `PUT /v1/agents/{agent}/secret`: a new secret, acknowledged once it is durable; the server's verdict may be waited for. */

export const handOverParameters = ['wait'] as const;

/** Longer waits end here, with 202. */
const maxWaitMs = 300_000;

export function handOver(clock: Clock, log: Log): AgentHandler {
  return async (call, agent) => {
    const waitMs = Math.min(durationParameter(call.parameters, 'wait') ?? 0, maxWaitMs);
    const secret = await readSecret(call);
    log.info('secret-handed-over', { agent: agent.name, ...call.described() });
    const { stored, judged } = agent.handOver(secret);
    const verdict = verdictOf(judged);
    await stored;
    if (waitMs === 0) return jsonReply(202, agent.status());
    const wait = beginWait(clock, waitMs, whenImpatient(call));
    const known = await Promise.race([verdict, wait.over.then(() => 'open' as const)]);
    wait.end();
    return answerTo(known, agent);
  };
}

/** What became of the secret; `open`: the server has not judged it. */
type Verdict = 'granted' | 'open' | TokenwardError;

/** Never rejects. That the server cannot be asked now is no verdict: the secret is stored, and will be tried again. */
function verdictOf(judged: Promise<void>): Promise<Verdict> {
  return judged.then(
    () => 'granted',
    (error: unknown) => {
      const failure = asTokenwardError(error);
      const mayChange = ['unavailable', 'try-again'].includes(errorClasses[failure.code]);
      return mayChange ? 'open' : failure;
    },
  );
}

function answerTo(verdict: Verdict, agent: Agent): Reply {
  if (verdict instanceof TokenwardError) throw verdict;
  return jsonReply(verdict === 'granted' ? 200 : 202, agent.status());
}

async function readSecret(call: Call): Promise<Secret> {
  if (call.request.headers['content-type']?.toLowerCase().includes('json') === true) {
    throw new TokenwardError(
      'SECRET_INPUT_INVALID',
      'the body is declared as JSON; send the bare secret as text/plain',
    );
  }
  const bytes = await readBody(call.request, maxSecretBytes + 1);
  if (bytes === null) throw secretTooLarge('secret');
  return parseSecretInput(bytes, 'secret');
}

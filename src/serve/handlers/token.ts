import { TokenwardError } from '../../domain/errors.ts';
import type { AgentLabel } from '../../domain/status.ts';
import { remainingMs } from '../../domain/token.ts';
import { wayOut } from '../../domain/way-out.ts';
import type { Agent } from '../../ports/agent.ts';
import { whenImpatient, type AgentHandler, type Call, type Handler } from '../call.ts';
import type { ServeDependencies } from '../dependencies.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import { durationParameter } from '../request-input.ts';
import type { TokenAnswers } from '../token-answers.ts';
import { waitForRefresh } from '../waiting.ts';

/** `GET /v1/agents/{agent}/token` and `GET /v1/token`: the token that may be handed out at this very moment. */

export interface TokenHandlers {
  readonly ofAgent: AgentHandler;
  /** For callers that may read exactly one agent and need not know its name. */
  readonly ofOnlyAgent: Handler;
}

export const tokenParameters = ['min_ttl'] as const;

export function tokenHandlers({ agents, clock }: ServeDependencies, answers: TokenAnswers): TokenHandlers {
  const answerNow = (call: Call, agent: Agent): Reply => {
    return answers.current(agent, call.request.headers)?.reply ?? unavailable(agent);
  };

  const answer = (call: Call, agent: Agent): Reply | Promise<Reply> => {
    const minTtlMs = durationParameter(call.parameters, 'min_ttl');
    const token = minTtlMs === null ? null : agent.token();
    if (minTtlMs === null || token === null) return answerNow(call, agent);
    const leftMs = remainingMs(token, clock.now());
    if (leftMs >= minTtlMs) return answerNow(call, agent);
    return waitForRefresh(agent, leftMs, clock, whenImpatient(call)).then(() => answerNow(call, agent));
  };

  return {
    ofAgent: answer,
    ofOnlyAgent: (call) => {
      const readable = [...agents().values()].filter((agent) => call.access.may('token', agent.name));
      const [only, ...others] = readable;
      return only !== undefined && others.length === 0 ? answer(call, only) : ambiguous(readable);
    },
  };
}

function ambiguous(readable: readonly Agent[]): Reply {
  if (readable.length === 0) {
    return problemReply(
      new TokenwardError(
        'AGENT_UNKNOWN',
        'there is no agent whose token the caller may read; see agents and allow in the configuration',
      ),
    );
  }
  const names = readable.map((agent) => agent.name).join(', ');
  const error = new TokenwardError(
    'REQUEST_INVALID',
    `the caller may read the tokens of several agents (${names}); name one: /v1/agents/{agent}/token`,
  );
  return problemReply(error, { status: 409 });
}

/** Labels behind which a person is needed: then the reason is told instead of a mere "not now". */
const needsPerson: ReadonlySet<string> = new Set(['revoked', 'lost', 'blocked']);

function unavailable(agent: Agent): Reply {
  const { state, alerts } = agent.status();
  const reason = needsPerson.has(state) ? alerts[0] : undefined;
  const code = reason?.code ?? 'TOKEN_UNAVAILABLE';
  const message = reason?.summary ?? `${agent.name} has no valid token${noTokenYet(agent.name, state)}`;
  const error = new TokenwardError(code, message, { retryAfterMs: agent.retryAfterMs() });
  return problemReply(error, { agent: agent.name, status: 503 });
}

function noTokenYet(agent: string, state: AgentLabel): string {
  return state === 'unprovisioned'
    ? `, because it has no secret yet; ${wayOut('SECRET_ABSENT', agent)}`
    : ` (${state}); ask again later, or see \`tokenward status ${agent}\``;
}

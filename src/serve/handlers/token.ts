import { TokenwardError } from '../../domain/errors.ts';
import type { AgentLabel } from '../../domain/status.ts';
import { remainingMs } from '../../domain/token.ts';
import { wayOut } from '../../domain/way-out.ts';
import type { Agent } from '../../ports/agent.ts';
import { denialOf } from '../access.ts';
import { whenImpatient, type AgentHandler, type Call, type Handler } from '../call.ts';
import type { ServeDependencies } from '../dependencies.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import type { TokenAnswers } from '../token-answers.ts';
import { readConditions, type TokenConditions } from '../token-conditions.ts';
import { unknownAgent } from '../unknown-agent.ts';
import { waitForAnother } from '../wait-for-another.ts';
import { waitForRefresh } from '../waiting.ts';
import type { Watchers } from '../watchers.ts';

/** `GET /v1/agents/{agent}/token` and `GET /v1/token`: the token that may be handed out at this very moment. */

export interface TokenHandlers {
  readonly ofAgent: AgentHandler;
  /** For callers that may read exactly one agent and need not know its name. */
  readonly ofOnlyAgent: Handler;
}

export interface TokenParts {
  readonly answers: TokenAnswers;
  readonly watchers: Watchers;
}

export function tokenHandlers(
  { agents, clock }: ServeDependencies,
  { answers, watchers }: TokenParts,
): TokenHandlers {
  /** `known` is the sequence that the client has by its query, which says the same as an entity tag. */
  const answerNow = ({ request }: Call, agent: Agent, known: number | null): Reply => {
    const { accept, 'if-none-match': tags } = request.headers;
    const allTags = known === null ? tags : [`"${known}"`, ...(tags === undefined ? [] : [tags])].join();
    return answers.current(agent, { accept, 'if-none-match': allTags })?.reply ?? unavailable(agent);
  };

  const answerInTime = async (call: Call, name: string, conditions: TokenConditions): Promise<Reply> => {
    const { known, waitMs, minTtlMs } = conditions;
    const endMs = waitMs === null ? Infinity : clock.now().bootMs + waitMs;
    if (known !== null && waitMs !== null && waitMs > 0)
      await waitForAnother(call, { name, known, ms: waitMs }, { clock, watchers });
    const agent = stillReadable(call, name, agents());
    const token = agent.token();
    if (token === null || token.sequence === known) {
      if (waitMs !== null && agent.ended.aborted) throw stopping(name);
      return answerNow(call, agent, known);
    }
    const now = clock.now();
    const leftMs = remainingMs(token, now);
    if (minTtlMs === null || leftMs >= minTtlMs) return answerNow(call, agent, known);
    const bounds = { lifeMs: leftMs, atMostMs: endMs - now.bootMs };
    await waitForRefresh(agent, bounds, clock, whenImpatient(call));
    return answerNow(call, stillReadable(call, name, agents()), known);
  };

  const answer = (call: Call, agent: Agent): Reply | Promise<Reply> => {
    const { parameters } = call;
    if (parameters.size === 0) return answerNow(call, agent, null);
    return answerInTime(call, agent.name, readConditions(parameters));
  };

  return {
    ofAgent: answer,
    ofOnlyAgent: (call) => {
      const visible = [...agents().values()].filter((agent) => call.access.may('token', agent.name));
      const [only, ...others] = visible;
      return only !== undefined && others.length === 0 ? answer(call, only) : ambiguous(visible);
    },
  };
}

/** Asked again after every wait: a reload may have taken the agent or the permission away. */
function stillReadable({ access, peer }: Call, name: string, agents: ReadonlyMap<string, Agent>): Agent {
  if (!access.may('token', name))
    throw new TokenwardError('PEER_DENIED', denialOf({ peer, access, verb: 'token', agent: name }));
  const agent = agents.get(name);
  if (agent === undefined) throw unknownAgent(name);
  return agent;
}

/** Not an early 304, after which the client would ask again at once, and again. */
function stopping(name: string): TokenwardError {
  const message = `agent ${name} is being stopped, and gets no newer token; ask again in a moment`;
  return new TokenwardError('SHUTTING_DOWN', message, { retryAfterMs: 1000 });
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

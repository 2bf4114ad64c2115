import { type ErrorCode, TokenwardError } from '../../../src/domain/errors.ts';
import { recoveryOf } from '../../../src/domain/recovery.ts';
import type { UnixListenerOptions } from '../../../src/serve/listeners.ts';
import type { FakeAgent } from '../../fakes/fake-agent.ts';
import { eventually } from '../../support/eventually.ts';
import { found } from '../../unit/domain/recovery-fixtures.ts';
import type { Answer, AskOptions, Serving } from './serving.ts';

/** How each operation of openapi.json is brought to each of its answers. */

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With the name of the agent in it. */
  readonly path: string;
  readonly permission: string;
}

type Provoke = (serving: Serving, operation: Operation) => Promise<Answer>;

const self = process.geteuid?.() ?? -1;

/** What the handlers of an operation ask when they are at work. */
const workOf: Readonly<Record<string, (agent: FakeAgent, serving: Serving, error: Error) => void>> = {
  refreshAgent: (agent, _serving, error) => agent.refreshes[0]?.answer.reject(error),
  recoverAgent: (agent, _serving, error) => agent.recoveries[0]?.answer.reject(error),
  handOverSecret: (agent, _serving, error) => {
    agent.handOvers[0]?.stored.reject(error);
    agent.handOvers[0]?.judged.reject(error);
  },
};

function begun(agent: FakeAgent): boolean {
  return agent.refreshes.length + agent.recoveries.length + agent.handOvers.length > 0;
}

const bodies: Readonly<Partial<Record<string, string>>> = {
  handOverSecret: 'a-new-secret',
  reportRejection: JSON.stringify({ fingerprint: `sha256:${'0'.repeat(64)}`, status: 401 }),
};

function send(serving: Serving, { method, path, id }: Operation, options: AskOptions = {}, query = '') {
  const body = bodies[id];
  return serving.ask(path + query, { method, ...(body !== undefined && { body }), ...options });
}

/** Answers that come before any handler is at work. */
const early: Readonly<Partial<Record<string, Provoke>>> = {
  '400 REQUEST_INVALID': async (serving, operation) => {
    serving.agent();
    await serving.listen();
    return send(serving, operation, {}, '?nonsense=1');
  },
  '400 SECRET_INPUT_INVALID': async (serving, operation) => {
    serving.agent();
    await serving.listen();
    return send(serving, operation, { body: '' });
  },
  '403 PEER_DENIED': async (serving, operation) => {
    serving.agent();
    await serving.listen({ allow: [] });
    return send(serving, operation);
  },
  '404 AGENT_UNKNOWN': async (serving, operation) => {
    await serving.listen();
    return send(serving, operation);
  },
  '409 REQUEST_INVALID': async (serving, operation) => {
    for (const name of ['web-01', 'web-02']) serving.agent(name);
    await serving.listen();
    return send(serving, operation);
  },
  '429 RATE_LIMITED': async (serving, operation) => {
    await serving.listen({ limits: { connections: 0, requestsPerSecond: 1 } });
    await serving.ask('/healthz');
    return send(serving, operation);
  },
};

/** An agent that is given up while somebody waits for it, or watches. */
async function givenUp(serving: Serving, operation: Operation): Promise<Answer> {
  const agent = serving.agent();
  agent.publish('abc');
  agent.end();
  await serving.listen();
  return send(serving, operation, {}, operation.permission === 'token' ? '?sequence=1&wait=30s' : '');
}

/** A stream, which ends when its agent does. */
async function streamed(serving: Serving, operation: Operation): Promise<Answer> {
  const agent = serving.agent();
  agent.publish('abc');
  await serving.listen();
  const answer = send(serving, operation);
  await eventually(() => {
    if (agent.listeners === 0) throw new Error('nobody watches yet');
  });
  serving.agents.delete(agent.name);
  agent.end();
  return answer;
}

/** An agent whose handler fails with this error. */
async function fail(serving: Serving, operation: Operation, error: Error): Promise<Answer> {
  const agent = serving.agent();
  const rejected = async (): Promise<never> => {
    throw error;
  };
  const thrown = (): never => {
    throw error;
  };
  serving.description = rejected;
  serving.keys.answer = error;
  serving.metrics.render = rejected;
  const work = workOf[operation.id];
  if (work === undefined) Object.assign(agent, { status: thrown, token: thrown, report: thrown });
  await serving.listen();
  const answer = send(serving, operation);
  if (work !== undefined) {
    await eventually(() => {
      if (!begun(agent)) throw new Error('the handler is not at work yet');
    });
    work(agent, serving, error);
  }
  return answer;
}

/** An agent that has no token, for this reason. */
async function withoutToken(serving: Serving, operation: Operation, code: ErrorCode): Promise<Answer> {
  const agent = serving.agent();
  const alert = { code, severity: 'critical', since: '2027-01-01T00:00:00Z', summary: 'why' } as const;
  if (code !== 'TOKEN_UNAVAILABLE') agent.overrides = { state: 'blocked', alerts: [alert] };
  await serving.listen();
  return send(serving, operation);
}

export function provokeProblem(
  serving: Serving,
  operation: Operation,
  status: number,
  code: ErrorCode,
): Promise<Answer> {
  const provoke = early[`${status} ${code}`];
  if (provoke !== undefined) return provoke(serving, operation);
  if (code === 'INTERNAL') return fail(serving, operation, new TypeError('a bug'));
  const waits = operation.permission === 'token' || operation.id === 'watchAgent';
  if (code === 'SHUTTING_DOWN' && waits) return givenUp(serving, operation);
  if (operation.permission === 'token') return withoutToken(serving, operation, code);
  const comesAgain = [409, 429, 502, 503].includes(status);
  return fail(serving, operation, new TokenwardError(code, 'told', comesAgain ? { retryAfterMs: 1500 } : {}));
}

const { report } = recoveryOf(found({ view: { identity: 'host:two' } }));

/** Answers other than problems, by operation, status and media type. */
export const successes: Readonly<Record<string, Provoke>> = {
  'listAgents 200 application/json': ready,
  'getAgent 200 application/json': ready,
  'getToken 200 application/json': ready,
  'getToken 200 text/plain': (serving, operation) => ready(serving, operation, { Accept: 'text/plain' }),
  'getToken 304': (serving, operation) => ready(serving, operation, { 'If-None-Match': '"1"' }),
  'getOnlyToken 200 application/json': ready,
  'getOnlyToken 200 text/plain': (serving, operation) => ready(serving, operation, { Accept: 'text/plain' }),
  'getOnlyToken 304': (serving, operation) => ready(serving, operation, { 'If-None-Match': '"1"' }),
  'watchAgent 200 text/event-stream': streamed,
  'getHealth 200 text/plain': ready,
  'getReadiness 200 application/json': ready,
  'getReadiness 503 application/json': async (serving, operation) => {
    serving.agent();
    await serving.listen();
    return send(serving, operation);
  },
  'getMetrics 200 text/plain': ready,
  'getDescription 200 application/json': ready,
  'getDescription 304': (serving, operation) => ready(serving, operation, { 'If-None-Match': '*' }),
  'getOAuthToken 200 application/json': asked((agent) => agent.publish('abc')),
  'getOAuthToken 400 application/json': asked(() => {}, { body: 'grant_type=password' }),
  'getOAuthToken 401 application/json': asked(() => {}, { headers: { Authorization: 'Bearer abc' } }),
  'getOAuthToken 503 application/json': asked(() => {}),
  'rekeyAgent 200 application/json': (serving, operation) => {
    serving.keys.answer = [{ agent: 'web-01', records: ['secret', 'journal'] }];
    return ready(serving, operation);
  },
  'reportRejection 202 application/json': ready,
  'refreshAgent 200 application/json': working((agent) => agent.refreshes[0]?.answer.resolve()),
  'handOverSecret 202 application/json': working((agent) => agent.handOvers[0]?.stored.resolve()),
  'handOverSecret 200 application/json': working((agent) => {
    agent.handOvers[0]?.stored.resolve();
    agent.handOvers[0]?.judged.resolve();
  }, '?wait=30s'),
  'recoverAgent 200 application/json': working((agent) =>
    agent.recoveries[0]?.answer.resolve({ report, done: 'adopt', setAside: '/aside' }),
  ),
};

async function ready(
  serving: Serving,
  operation: Operation,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  serving.agent().publish('abc');
  const allow: UnixListenerOptions['allow'] = [{ user: self, may: ['token', 'status', 'admin'] }];
  await serving.listen({ allow });
  return send(serving, operation, { headers });
}

function working(finish: (agent: FakeAgent) => void, query = ''): Provoke {
  return async (serving, operation) => {
    const agent = serving.agent();
    await serving.listen();
    const answer = send(serving, operation, {}, query);
    await eventually(() => {
      if (!begun(agent)) throw new Error('the handler is not at work yet');
    });
    finish(agent);
    return answer;
  };
}

/** The token endpoint of OAuth, on a socket with one agent. */
function asked(prepare: (agent: FakeAgent) => void, options: AskOptions = {}): Provoke {
  return async (serving, { path, method }) => {
    prepare(serving.agent());
    await serving.listen();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...options.headers };
    return serving.ask(path, { method, body: 'grant_type=client_credentials', ...options, headers });
  };
}

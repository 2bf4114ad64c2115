import type { Verb } from './access.ts';
import type { AgentHandler, Handler } from './call.ts';
import type { ServeDependencies } from './dependencies.ts';
import { events } from './handlers/events.ts';
import { handOver, handOverParameters } from './handlers/hand-over.ts';
import { healthz, metrics, readyz } from './handlers/health.ts';
import { oauthToken } from './handlers/oauth.ts';
import { openapi } from './handlers/openapi.ts';
import { recover } from './handlers/recover.ts';
import { refresh } from './handlers/refresh.ts';
import { reject } from './handlers/reject.ts';
import { rekey } from './handlers/rekey.ts';
import { statusOfAgent, statusOfAll } from './handlers/status.ts';
import { tokenHandlers, type TokenHandlers, type TokenParts } from './handlers/token.ts';
import { Heartbeat } from './heartbeat.ts';
import type { OAuthClients } from './oauth/clients.ts';
import { tokenParameters } from './token-conditions.ts';
import { unknownAgent } from './unknown-agent.ts';
import type { Watchers } from './watchers.ts';

/** Every route of the local API (DESIGN §7) with who may use it, and the way from a path to its route. */

/** What a listener can be told to serve. */
export type Surface = 'api' | 'health' | 'metrics' | 'oauth';

export type Method = 'GET' | 'POST' | 'PUT';

export interface Endpoint {
  /** null: open to everybody who can connect. */
  readonly verb: Verb | null;
  /** Names of the query's parameters; null where a query is ignored. */
  readonly parameters: readonly string[] | null;
  readonly handle: Handler;
}

export interface Route {
  /** The path, with `{agent}` for a name. */
  readonly template: string;
  readonly surface: Surface;
  readonly methods: Readonly<Partial<Record<Method, Endpoint>>>;
}

export interface Match {
  readonly route: Route;
  readonly agentName: string | null;
}

/** What routes of one listener share. */
export interface RouteParts extends TokenParts {
  /** The clients of the token endpoint now; null where the kernel says who asks. */
  readonly oauthClients: () => OAuthClients | null;
}

const agentPrefix = '/v1/agents/';
const agentTemplate = `${agentPrefix}{agent}`;

export class Routes {
  readonly #fixed = new Map<string, Match>();
  /** By what follows the agent's name. */
  readonly #ofAgent = new Map<string, Route>();

  constructor(dependencies: ServeDependencies, parts: RouteParts, serves: readonly Surface[]) {
    const routes = allRoutes(dependencies, parts);
    for (const route of routes.filter(({ surface }) => serves.includes(surface))) {
      if (route.template.startsWith(agentTemplate))
        this.#ofAgent.set(route.template.slice(agentTemplate.length), route);
      else this.#fixed.set(route.template, { route, agentName: null });
    }
  }

  /** `path` is without query. */
  find(path: string): Match | undefined {
    if (!path.startsWith(agentPrefix)) return this.#fixed.get(path);
    const slash = path.indexOf('/', agentPrefix.length);
    const end = slash === -1 ? path.length : slash;
    const route = this.#ofAgent.get(path.slice(end));
    return route && { route, agentName: path.slice(agentPrefix.length, end) };
  }
}

/** On every surface. */
export function allRoutes(dependencies: ServeDependencies, parts: RouteParts): readonly Route[] {
  const token = tokenHandlers(dependencies, parts);
  return [
    ...apiRoutes(dependencies, token),
    ...agentRoutes(dependencies, token, parts.watchers),
    oauthRoute(dependencies, parts),
    ...supervisionRoutes(dependencies),
  ];
}

function apiRoutes({ agents, description }: ServeDependencies, token: TokenHandlers): readonly Route[] {
  return [
    {
      template: '/v1/agents',
      surface: 'api',
      methods: { GET: { verb: 'status', parameters: [], handle: statusOfAll(agents) } },
    },
    {
      template: '/v1/token',
      surface: 'api',
      methods: { GET: { verb: 'token', parameters: tokenParameters, handle: token.ofOnlyAgent } },
    },
    {
      template: '/v1/openapi.json',
      surface: 'api',
      methods: { GET: { verb: null, parameters: [], handle: openapi(description) } },
    },
  ];
}

function agentRoutes(
  { agents, clock, log, keys }: ServeDependencies,
  token: TokenHandlers,
  watchers: Watchers,
): readonly Route[] {
  const heartbeat = new Heartbeat(clock);
  const about = (handler: AgentHandler): Handler => {
    return (call) => {
      const agent = call.agentName === null ? undefined : agents().get(call.agentName);
      if (agent !== undefined) return handler(call, agent);
      throw unknownAgent(call.agentName);
    };
  };
  const route = (suffix: string, methods: Route['methods']): Route => {
    return { template: agentTemplate + suffix, surface: 'api', methods };
  };
  return [
    route('', { GET: { verb: 'status', parameters: [], handle: about(statusOfAgent) } }),
    route('/events', {
      GET: { verb: 'status', parameters: [], handle: about(events(watchers, heartbeat)) },
    }),
    route('/token', { GET: { verb: 'token', parameters: tokenParameters, handle: about(token.ofAgent) } }),
    route('/token/rejections', { POST: { verb: 'token', parameters: [], handle: about(reject(log)) } }),
    route('/recover', { POST: { verb: 'admin', parameters: [], handle: about(recover(log)) } }),
    route('/refresh', { POST: { verb: 'admin', parameters: [], handle: about(refresh(log)) } }),
    route('/rekey', { POST: { verb: 'admin', parameters: [], handle: about(rekey(agents, keys, log)) } }),
    route('/secret', {
      PUT: { verb: 'admin', parameters: handOverParameters, handle: about(handOver(clock, log)) },
    }),
  ];
}

/** On its own surface; who may ask is for the handler to say, in the words of OAuth. */
function oauthRoute(dependencies: ServeDependencies, { oauthClients }: RouteParts): Route {
  const handle = oauthToken(dependencies, oauthClients);
  return {
    template: '/oauth/token',
    surface: 'oauth',
    methods: { POST: { verb: null, parameters: null, handle } },
  };
}

function supervisionRoutes({ agents, metrics: source }: ServeDependencies): readonly Route[] {
  return [
    openRoute('/healthz', 'health', healthz),
    openRoute('/readyz', 'health', readyz(agents)),
    openRoute('/metrics', 'metrics', metrics(source)),
  ];
}

/** Supervisors add what they like to a query; it is theirs, and ignored. */
function openRoute(template: string, surface: Surface, handle: Handler): Route {
  return { template, surface, methods: { GET: { verb: null, parameters: null, handle } } };
}

import { remainingMs } from '../../domain/token.ts';
import type { Agent } from '../../ports/agent.ts';
import { whenImpatient, type Call, type Handler } from '../call.ts';
import type { ServeDependencies } from '../dependencies.ts';
import { granted, refused, unknownClient } from '../oauth/answers.ts';
import { chooseAgent } from '../oauth/choose-agent.ts';
import { clientWith, type OAuthClients } from '../oauth/clients.ts';
import { readTokenRequest, type TokenRequest } from '../oauth/token-request.ts';
import type { Reply } from '../reply.ts';
import { readBody } from '../request-input.ts';
import { waitForRefresh } from '../waiting.ts';

/** `POST /oauth/token`: the current token as an OAuth 2.0 client-credentials answer (RFC 6749 §4.4 and §5). */

const maxBodyBytes = 16 * 1024;

/** A refresh that comes within so many milliseconds is waited for: the client would keep an old token for its whole rest. */
const nearMs = 5_000;

type Dependencies = Pick<ServeDependencies, 'agents' | 'clock' | 'log'>;

/** `clients` are those of the listener now; null on a Unix socket, where the kernel says who asks. */
export function oauthToken(dependencies: Dependencies, clients: () => OAuthClients | null): Handler {
  return async (call) => {
    const { authorization, 'content-type': contentType } = call.request.headers;
    const body = await readBody(call.request, maxBodyBytes);
    const request = readTokenRequest({ contentType, authorization, body });
    if ('error' in request && request.error === 'invalid_client') return unknownClient();
    if ('error' in request) return refused(request.error, request.description, { code: 'REQUEST_INVALID' });
    const known = clients();
    const name =
      known === null
        ? agentOfPeer(dependencies, call, request)
        : await agentOfClient(dependencies, request, known);
    if (typeof name !== 'string') return name;
    const agent = dependencies.agents().get(name);
    if (agent === undefined) return noAgent();
    await waitForNearRefresh(dependencies, call, agent);
    return answerOf(dependencies, agent);
  };
}

function agentOfPeer({ agents, log }: Dependencies, call: Call, request: TokenRequest): string | Reply {
  const choice = chooseAgent(request, {
    all: [...agents().keys()],
    may: (agent) => call.access.may('token', agent),
  });
  switch (choice.kind) {
    case 'agent':
      return choice.name;
    case 'unknown-scope':
      return wrongScope();
    case 'denied':
      log.warn('peer-denied', { ...call.described(), groups: call.peer.groups, verb: 'token', agent: null });
      return refused(
        'unauthorized_client',
        'no rule of this listener lets the caller read a token; see allow',
        {
          code: 'PEER_DENIED',
        },
      );
    case 'ambiguous': {
      const names = choice.readable.join(', ');
      return refused('invalid_request', `name one of the agents as scope or as client_id: ${names}`, {
        code: 'REQUEST_INVALID',
      });
    }
  }
}

async function agentOfClient(
  { log }: Dependencies,
  { client, scope }: TokenRequest,
  known: OAuthClients,
): Promise<string | Reply> {
  const found = await clientWith(known, client);
  if (found === null) {
    // A name that nobody has may be a secret in the wrong place.
    log.warn('oauth-client-refused', { client: client !== null && known.has(client.id) ? client.id : null });
    return unknownClient();
  }
  return scope.every((word) => word === found.agent) ? found.agent : wrongScope();
}

async function waitForNearRefresh({ clock }: Dependencies, call: Call, agent: Agent): Promise<void> {
  const token = agent.token();
  const planned = agent.nextRefreshInMs();
  if (token === null || planned === null || planned > nearMs) return;
  const bounds = { lifeMs: remainingMs(token, clock.now()), atMostMs: nearMs };
  await waitForRefresh(agent, bounds, clock, whenImpatient(call));
}

function answerOf({ clock }: Dependencies, agent: Agent): Reply {
  const token = agent.token();
  // In its last second it would have a life of 0, which some libraries take for "without end".
  const expiresIn = token === null ? 0 : Math.floor(remainingMs(token, clock.now()) / 1000);
  if (token === null || expiresIn === 0) {
    const { state } = agent.status();
    const description = `${agent.name} has no valid token (${state}); see tokenward status ${agent.name}`;
    return refused('temporarily_unavailable', description, {
      code: 'TOKEN_UNAVAILABLE',
      status: 503,
      retryAfterMs: agent.retryAfterMs(),
    });
  }
  return granted({ accessToken: token.text.reveal(), expiresIn });
}

function wrongScope(): Reply {
  return refused(
    'invalid_scope',
    'the scope is not the name of an agent whose token the client may have; leave it out',
    {
      code: 'AGENT_UNKNOWN',
    },
  );
}

/** A reload has taken it. */
function noAgent(): Reply {
  return refused('temporarily_unavailable', 'the agent of this client is not there any more', {
    code: 'AGENT_UNKNOWN',
    status: 503,
    retryAfterMs: 1000,
  });
}

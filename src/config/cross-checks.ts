import type * as v from 'valibot';
import { meansAgent } from '../domain/agent-pattern.ts';
import { formatDuration } from '../domain/duration.ts';
import type { agentSchema } from './agent-schema.ts';
import type { listenerSchema } from './listener-schema.ts';
import { nearest } from './nearest.ts';
import { formatPath, type Key } from './path.ts';
import type { proxySchema } from './proxy-schema.ts';
import { isMapping } from './section.ts';

/** Rules between parts of the configuration that are each right by themselves. */

type Agent = v.InferOutput<ReturnType<typeof agentSchema>>;
type Listener = v.InferOutput<ReturnType<typeof listenerSchema>>;
type Proxy = v.InferOutput<ReturnType<typeof proxySchema>>;

/** What could be understood so far; parts that have problems of their own are left out. */
export interface Understood {
  readonly shutdownGraceMs: number | null;
  readonly agents: readonly (readonly [name: string, agent: Agent])[];
  /** Of all agents, also of those that have problems. */
  readonly agentNames: readonly string[];
  /** With the index in the file. */
  readonly listeners: readonly (readonly [index: number, listener: Listener])[];
  readonly proxies: readonly (readonly [index: number, proxy: Proxy])[];
}

export interface CrossProblem {
  readonly path: readonly Key[];
  readonly message: string;
}

export function crossCheck(parts: Understood): readonly CrossProblem[] {
  return [
    ...deadlineProblems(parts),
    ...rulesForNoAgent(parts),
    ...proxiesOfNoAgent(parts),
    ...clientsOfNoAgent(parts),
    ...duplicates(placesOfTheirOwn(parts)),
    ...duplicates(portsBound(parts)),
    ...duplicates(objectsOfTheirOwn(parts, 'name')),
    ...duplicates(objectsOfTheirOwn(parts, 'lease')),
  ];
}

/** An exchange under way at shutdown must end before the daemon does: its answer may carry the only copy of the next secret. */
function deadlineProblems({ agents, shutdownGraceMs }: Understood): CrossProblem[] {
  if (shutdownGraceMs === null) return [];
  return agents
    .filter(([, agent]) => agent.exchangeDeadlineMs >= shutdownGraceMs)
    .map(([name, agent]) => ({
      path: ['agents', name, 'exchange_deadline'],
      message: `${formatDuration(agent.exchangeDeadlineMs)} must be shorter than shutdown_grace, which is ${formatDuration(shutdownGraceMs)}`,
    }));
}

/** A rule that lets nobody in anywhere is a slip of the pen, and would be found out by the shipper that is refused. */
function rulesForNoAgent({ agentNames, listeners }: Understood): CrossProblem[] {
  return listeners.flatMap(([index, listener]) =>
    listener.kind === 'tcp'
      ? []
      : listener.allow.flatMap(({ agents }, rule) =>
          (agents ?? []).flatMap((pattern, at) => {
            if (agentNames.some((name) => meansAgent(pattern, name))) return [];
            return [
              {
                path: ['listeners', index, 'allow', rule, 'agents', at],
                message: meansNone(pattern, agentNames),
              },
            ];
          }),
        ),
  );
}

function proxiesOfNoAgent({ agentNames, proxies }: Understood): CrossProblem[] {
  return proxies.flatMap(([index, { agent }]) =>
    agentNames.includes(agent)
      ? []
      : [{ path: ['proxies', index, 'agent'], message: meansNone(agent, agentNames) }],
  );
}

function clientsOfNoAgent({ agentNames, listeners }: Understood): CrossProblem[] {
  return listeners.flatMap(([index, listener]) =>
    listener.kind === 'unix'
      ? []
      : listener.clients
          .filter(({ agent }) => !agentNames.includes(agent))
          .map(({ name, agent }) => ({
            path: ['listeners', index, 'clients', name, 'agent'],
            message: meansNone(agent, agentNames),
          })),
  );
}

function meansNone(pattern: string, names: readonly string[]): string {
  const isName = !pattern.includes('*');
  const meant = isName ? nearest(pattern, names) : null;
  if (meant !== null) return `there is no such agent; did you mean "${meant}"?`;
  const shown = names.slice(0, mostNamesShown).join(', ');
  const known = names.length > mostNamesShown ? `${shown} and ${names.length - mostNamesShown} more` : shown;
  return `${isName ? 'there is no such agent' : 'means none of the agents'}; they are ${known}`;
}

const mostNamesShown = 5;

interface Place {
  readonly path: readonly Key[];
  readonly name: string;
}

/** Who writes a place must be the only one; and a secret that two agents adopt is spent by the first. */
function placesOfTheirOwn({ agents, listeners, proxies }: Understood): Place[] {
  const files = agents.flatMap(([agent, { files: list }]) =>
    list.map((file, index) => ({ path: ['agents', agent, 'files', index, 'path'], name: file.path })),
  );
  const secrets = agents.flatMap(([agent, { secretFile }]) =>
    secretFile === null ? [] : [{ path: ['agents', agent, 'secret_file'], name: secretFile }],
  );
  const sockets = listeners.flatMap(([index, listener]) =>
    listener.kind === 'unix' ? [{ path: ['listeners', index, 'unix'], name: listener.path }] : [],
  );
  const proxySockets = proxies.flatMap(([index, { place }]) =>
    place.kind === 'unix' ? [{ path: ['proxies', index, 'unix'], name: place.path }] : [],
  );
  return [...files, ...secrets, ...sockets, ...proxySockets];
}

/** Of two agents in one Secret each would write over the other; of two with one Lease the second would stand by for ever. */
function objectsOfTheirOwn({ agents }: Understood, key: 'name' | 'lease'): Place[] {
  return agents.flatMap(([agent, { secret }]) =>
    secret.store === 'kubernetes'
      ? [{ path: ['agents', agent, 'secret', key], name: `${secret.namespace ?? ''}/${secret[key]}` }]
      : [],
  );
}

function portsBound({ listeners, proxies }: Understood): Place[] {
  const bound = [
    ...listeners.map(([index, listener]) => ({ path: ['listeners', index, 'tcp'], place: listener })),
    ...proxies.map(([index, { place }]) => ({ path: ['proxies', index, 'listen'], place })),
  ];
  return bound.flatMap(({ path, place }) =>
    place.kind === 'tcp' && place.port !== 0 ? [{ path, name: `${place.host}:${place.port}` }] : [],
  );
}

function duplicates(places: readonly Place[]): CrossProblem[] {
  return places.flatMap(({ path, name }, index) => {
    const first = places.findIndex((place) => place.name === name);
    return first === index ? [] : [{ path, message: `already used by ${formatPath(places[first]!.path)}` }];
  });
}

/** The parts without a problem, so that one typing mistake does not hide what is wrong elsewhere. */
export function understood(value: unknown, issues: readonly v.BaseIssue<unknown>[]): Understood {
  const config = isMapping(value) ? value : {};
  const wrong = issues.map(({ path }) => (path ?? []).map(({ key }) => key));
  const isRight = (part: string, key: Key) =>
    !wrong.some((at) => at[0] === part && (at.length === 1 || at[1] === key));
  const { shutdown_grace: grace, agents, listeners, proxies } = config;
  return {
    shutdownGraceMs: typeof grace === 'number' && isRight('shutdown_grace', '') ? grace : null,
    agents: Object.entries(agents ?? {}).filter(([name]) => isRight('agents', name)),
    agentNames: isMapping(agents) ? Object.keys(agents) : [],
    listeners: Object.entries(listeners ?? {})
      .map(([index, listener]): [number, Listener] => [Number(index), listener as Listener])
      .filter(([index]) => isRight('listeners', index)),
    proxies: Object.entries(proxies ?? {})
      .map(([index, proxy]): [number, Proxy] => [Number(index), proxy as Proxy])
      .filter(([index]) => isRight('proxies', index)),
  };
}

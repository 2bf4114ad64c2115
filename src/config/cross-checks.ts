import type * as v from 'valibot';
import { formatDuration } from '../domain/duration.ts';
import type { agentSchema } from './agent-schema.ts';
import type { listenerSchema } from './listener-schema.ts';
import { formatPath, type Key } from './path.ts';
import { isMapping } from './section.ts';

/** Rules between parts of the configuration that are each right by themselves. */

type Agent = v.InferOutput<ReturnType<typeof agentSchema>>;
type Listener = v.InferOutput<ReturnType<typeof listenerSchema>>;

/** What could be understood so far; parts that have problems of their own are left out. */
export interface Understood {
  readonly shutdownGraceMs: number | null;
  readonly agents: readonly (readonly [name: string, agent: Agent])[];
  /** With the index in the file. */
  readonly listeners: readonly (readonly [index: number, listener: Listener])[];
}

export interface CrossProblem {
  readonly path: readonly Key[];
  readonly message: string;
}

export function crossCheck(parts: Understood): readonly CrossProblem[] {
  return [
    ...deadlineProblems(parts),
    ...duplicates(placesOfTheirOwn(parts)),
    ...duplicates(portsBound(parts)),
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

interface Place {
  readonly path: readonly Key[];
  readonly name: string;
}

/** Who writes a place must be the only one; and a secret that two agents adopt is spent by the first. */
function placesOfTheirOwn({ agents, listeners }: Understood): Place[] {
  const files = agents.flatMap(([agent, { files: list }]) =>
    list.map((file, index) => ({ path: ['agents', agent, 'files', index, 'path'], name: file.path })),
  );
  const secrets = agents.flatMap(([agent, { secretFile }]) =>
    secretFile === null ? [] : [{ path: ['agents', agent, 'secret_file'], name: secretFile }],
  );
  const sockets = listeners.flatMap(([index, listener]) =>
    listener.kind === 'unix' ? [{ path: ['listeners', index, 'unix'], name: listener.path }] : [],
  );
  return [...files, ...secrets, ...sockets];
}

function portsBound({ listeners }: Understood): Place[] {
  return listeners.flatMap(([index, listener]) =>
    listener.kind === 'tcp' && listener.port !== 0
      ? [{ path: ['listeners', index, 'tcp'], name: `${listener.host}:${listener.port}` }]
      : [],
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
  const { shutdown_grace: grace, agents, listeners } = config;
  return {
    shutdownGraceMs: typeof grace === 'number' && isRight('shutdown_grace', '') ? grace : null,
    agents: Object.entries(agents ?? {}).filter(([name]) => isRight('agents', name)),
    listeners: Object.entries(listeners ?? {})
      .map(([index, listener]): [number, Listener] => [Number(index), listener as Listener])
      .filter(([index]) => isRight('listeners', index)),
  };
}

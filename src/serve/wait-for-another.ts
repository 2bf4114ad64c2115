import type { Agent } from '../ports/agent.ts';
import type { Clock } from '../ports/clock.ts';
import type { Call } from './call.ts';
import type { Watchers } from './watchers.ts';

interface Wanted {
  /** Of the agent. */
  readonly name: string;
  /** The sequence of the token that the client has. */
  readonly known: number;
  /** Milliseconds that it waits for another one. */
  readonly ms: number;
}

/**
 * Resolves when the agent has a valid token with another sequence, the time is over, or nothing will come. A lower sequence is
 * another one, too: after the state was set aside, nobody is left waiting for a number that comes in a year.
 */
export function waitForAnother(
  { response }: Call,
  { name, known, ms }: Wanted,
  { clock, watchers }: { readonly clock: Clock; readonly watchers: Watchers },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    cancel();
    watch?.stop();
    response.off('close', end);
    resolve();
  };
  const look = (agent: Agent): void => {
    const token = agent.token();
    if (token !== null && token.sequence !== known) end();
  };
  const cancel = clock.after(ms, end);
  const watch = watchers.watch(name, 'wait', { news: look, over: end });
  response.once('close', end);
  if (watch === null || response.closed) end();
  else look(watch.agent);
  return promise;
}

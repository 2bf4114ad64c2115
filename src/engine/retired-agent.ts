import { TokenwardError } from '../domain/errors.ts';
import { heldText } from '../domain/obstacle.ts';
import type { AgentParts } from './agent-parts.ts';
import { createHolding } from './holding.ts';
import type { KeptAgent } from './key-keeper.ts';

type RetiredParts = Pick<AgentParts, 'locks' | 'lockPaths' | 'log' | 'store' | 'journal'>;

/**
 * An agent that is in the state folder and not in the configuration, perhaps only for a while. Nobody runs it, but what it
 * left is sealed with a key that others have too, and is not to be lost when theirs is replaced.
 */
export function retiredAgent(name: string, parts: RetiredParts): KeptAgent {
  return {
    name,
    isRetired: true,
    hasNextKey: false,
    subscribe: () => () => {},
    async maintain(work) {
      const holding = createHolding(parts);
      try {
        const other = await holding.take();
        if (other !== null) throw new TokenwardError('AGENT_HELD', heldText(name, other));
        return await work(parts, new AbortController().signal);
      } finally {
        await holding.release();
      }
    },
  };
}

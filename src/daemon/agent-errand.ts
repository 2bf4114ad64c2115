import { isProductName, products } from '../config/products.ts';
import { TokenwardError } from '../domain/errors.ts';
import { onceFailure, onceVerdict, type Standing } from '../domain/once.ts';
import type { Token } from '../domain/token.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunningAgent } from './running.ts';

type Held = RunningAgent['broker']['heldElsewhere'];

interface ErrandParts {
  /** Where its secret may still come from. */
  readonly secretFile: string | null;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
}

/** Milliseconds between two looks at what nobody tells of: token files that could not be written. */
const lookEveryMs = 250;

/** One agent of `run --once`: gets its token and its token files, or the reason why not. */
export class AgentErrand {
  readonly #agent: RunningAgent;
  readonly #parts: ErrandParts;
  /** What all token files hold. */
  #placed: Token | null = null;
  #known = false;

  constructor(agent: RunningAgent, parts: ErrandParts) {
    this.#agent = agent;
    this.#parts = parts;
  }

  /** Resolves when the token is in its files, when time brings none, or when `over` aborts. Never rejects. */
  async run(over: AbortSignal): Promise<void> {
    this.#known = !over.aborted;
    while (!over.aborted && (await this.#goesOn())) await this.#change(over);
  }

  /** What came of it, when the agent is stopped. `holder` is who has the first agent, without which no other is begun. */
  async result(holder: Held): Promise<{ readonly agent: string; readonly failure: TokenwardError | null }> {
    const { broker } = this.#agent;
    const token = broker.token();
    const isPlaced = token !== null && (token === this.#placed || (await this.#place(token)));
    const standing = this.#standing();
    const held = standing.held ?? (this.#known ? null : holder);
    const isReady = onceVerdict({ ...standing, nextRefreshMs: null }) === 'ready';
    if (isReady && isPlaced) return { agent: broker.name, failure: null };
    const { code, detail } = onceFailure({ ...standing, held }, this.#parts.interrupted.aborted);
    return { agent: broker.name, failure: new TokenwardError(code, `${broker.name}: ${detail}`) };
  }

  async #goesOn(): Promise<boolean> {
    const verdict = onceVerdict(this.#standing());
    const token = this.#agent.broker.token();
    if (verdict === 'ready' && token !== null) return !(await this.#place(token));
    return verdict !== 'hopeless';
  }

  /** Resolves to whether it is in all files. */
  async #place(token: Token): Promise<boolean> {
    const isPlaced = await this.#agent.outputs.publish(token);
    if (isPlaced) this.#placed = token;
    return isPlaced;
  }

  #standing(): Standing {
    const { broker } = this.#agent;
    const status = broker.status();
    return {
      status,
      creates: isProductName(status.provider) && products[status.provider].create,
      known: this.#known,
      held: broker.heldElsewhere,
      nextRefreshMs: broker.nextRefreshInMs(),
      mayBeGiven: this.#parts.secretFile !== null,
    };
  }

  /** Resolves when something of the agent has changed, after a moment in any case. */
  #change(over: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.#agent.broker.subscribe(resolve);
    const cancel = this.#parts.clock.after(lookEveryMs, resolve);
    const onOver = () => resolve();
    over.addEventListener('abort', onOver);
    return promise.finally(() => {
      over.removeEventListener('abort', onOver);
      unsubscribe();
      cancel();
    });
  }
}

import type { AgentEffect, ReplyTopic } from '../domain/agent-effect.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Random } from '../ports/random.ts';

/** Callers that wait for the transition's answer to their request. */
export class PendingReplies {
  readonly #random: Random;
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Opens a request with one promise for each topic. When `signal` aborts, the caller is let go; the request goes on. */
  open(
    topics: readonly ReplyTopic[],
    signal: AbortSignal,
  ): { readonly request: string; reply(topic: ReplyTopic): Promise<void> } {
    const request = this.#random.uuid();
    const promises = new Map(topics.map((topic) => [topic, this.#add(request, topic, signal)]));
    return { request, reply: (topic) => promises.get(topic) ?? Promise.resolve() };
  }

  settle({ request, topic, error }: Extract<AgentEffect, { do: 'reply' }>): void {
    const waiting = this.#take(`${request} ${topic}`);
    if (error === null) {
      waiting?.resolve();
      return;
    }
    const { code, detail, retryAfterMs } = error;
    waiting?.reject(new TokenwardError(code, detail, retryAfterMs === null ? {} : { retryAfterMs }));
    // What was not stored will never be judged.
    if (topic === 'stored') this.#take(`${request} judged`);
  }

  #add(request: string, topic: ReplyTopic, signal: AbortSignal): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    // A caller that went away leaves its promise behind; its rejection concerns nobody.
    waiting.promise.catch(() => {});
    const key = `${request} ${topic}`;
    this.#waiting.set(key, waiting);
    const letGo = () => this.#take(key)?.reject(letGoError());
    if (signal.aborted) letGo();
    else signal.addEventListener('abort', letGo, { once: true });
    const forget = () => signal.removeEventListener('abort', letGo);
    waiting.promise.then(forget, forget);
    return waiting.promise;
  }

  #take(key: string): PromiseWithResolvers<void> | undefined {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }
}

function letGoError(): TokenwardError {
  return new TokenwardError(
    'SHUTTING_DOWN',
    'the daemon is stopping, or the caller went away; try again in a moment',
    { retryAfterMs: 1_000 },
  );
}

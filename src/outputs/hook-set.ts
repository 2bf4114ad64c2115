import { isDeepStrictEqual } from 'node:util';
import {
  afterFailure,
  afterFailureForOlder,
  afterSuccess,
  type HookProgress,
  newHook,
  nextHook,
  passPauseMs,
  withNewToken,
} from '../domain/hook-progress.ts';
import { remainingMs, type Token } from '../domain/token.ts';
import type { Random } from '../ports/random.ts';
import { abortOf } from './abort-of.ts';
import { HookLane, type HookLaneParts } from './hook-lane.ts';
import type { HookMemory } from './hooks/hook-memory.ts';
import { type Hook, hookNames } from './hooks/hook.ts';

interface HookSetParts extends HookLaneParts {
  readonly random: Random;
  readonly memory: Pick<HookMemory, 'doneFor' | 'save' | 'close'>;
  /** The hook is not configured any more; what was said against it is over. */
  readonly onDropped: (name: string) => void;
}

/** A hook that is to be; null: a new one. */
interface Planned {
  readonly name: string;
  readonly hook: Hook;
  readonly lane: HookLane | null;
}

/**
 * The hooks of one agent: in their order, one at a time, each once for every token that is in place, and again until it succeeds.
 * A newer token takes the place of an older one between two tries. Nothing waits for a hook.
 */
export class HookSet {
  readonly #parts: HookSetParts;
  readonly #givingUp = new AbortController();
  #lanes: readonly HookLane[] = [];
  /** By lane. */
  #progress: readonly HookProgress[] = [];
  /** The one that hooks are for; null before the first and when it is known to be dead. */
  #token: Token | null = null;
  /** The newest that was ever in place. */
  #seen: string | null = null;
  #windowMs = 0;
  /** Where the pass is. */
  #next = 0;
  #isRunning = false;
  #work: Promise<void> = Promise.resolve();
  #cancelPause: () => void = () => {};
  #closed = false;

  constructor(hooks: readonly Hook[], parts: HookSetParts) {
    this.#parts = parts;
    this.#use(this.#planFor(hooks), newHook(false));
  }

  /**
   * All files of the agent hold this token. May be told again. `isWritten`: whether a file had to be written for that, or all held
   * it already. Never throws.
   */
  placed(token: Token, isWritten: boolean): void {
    if (this.#closed || token.fingerprint === this.#seen) return;
    const isFirst = this.#seen === null;
    const now = this.#parts.clock.now();
    this.#windowMs = remainingMs(this.#token ?? token, now);
    this.#seen = token.fingerprint;
    this.#token = token;
    this.#next = 0;
    this.#progress = withNewToken(this.#progress);
    if (this.#lanes.length === 0) return;
    if (isFirst && !isWritten) this.#start(() => this.#recall(token));
    else this.#start();
  }

  /** The token of this number, or one before it, is known to be dead: nobody needs to be told of it. */
  withdraw(sequence: number): void {
    if (this.#token === null || this.#token.sequence > sequence) return;
    this.#token = null;
    this.#cancelPause();
  }

  /**
   * Has these hooks from now on. Those that are meant as before go on undisturbed. The others wait for the next token, unless one
   * that goes has yet to succeed for this one: they may be what mends it.
   */
  replace(hooks: readonly Hook[]): void {
    const plan = this.#planFor(hooks);
    const isSame =
      plan.length === this.#lanes.length && plan.every(({ lane }, at) => lane === this.#lanes[at]);
    if (isSame) return;
    const gone = this.#lanes.filter((lane) => !plan.some((planned) => planned.lane === lane));
    const isLeft = gone.some((lane) => this.#progress[this.#lanes.indexOf(lane)]?.isDue === true);
    // Before another one of the same name is there.
    for (const { name } of gone) this.#parts.onDropped(name);
    this.#use(plan, newHook(isLeft && this.#token !== null));
    this.#remember();
    this.#next = 0;
    if (isLeft) this.#start();
  }

  /** Starts no hook any more; one that runs is given up when `deadline` fires. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    const rest = this.#work.then(() => this.#parts.memory.close());
    await Promise.race([rest, abortOf(deadline, this.#givingUp.signal)]);
    this.#givingUp.abort();
  }

  #planFor(hooks: readonly Hook[]): readonly Planned[] {
    const names = hookNames(hooks);
    return hooks.map((hook, index) => {
      const name = names[index] ?? '';
      const isMeant = (lane: HookLane) => lane.name === name && isDeepStrictEqual(lane.hook, hook);
      return { name, hook, lane: this.#lanes.find(isMeant) ?? null };
    });
  }

  /** `fresh`: what is known of a new one. */
  #use(plan: readonly Planned[], fresh: HookProgress): void {
    const before = this.#lanes;
    const progress = this.#progress;
    this.#progress = plan.map(({ lane }) => (lane === null ? fresh : progress[before.indexOf(lane)]!));
    this.#lanes = plan.map(({ name, hook, lane }) => lane ?? new HookLane(name, hook, this.#parts));
  }

  #start(first: () => Promise<void> = async () => {}): void {
    this.#cancelPause();
    if (this.#closed || this.#isRunning) return;
    this.#isRunning = true;
    this.#work = first().then(() => this.#pass());
  }

  /** What an earlier life of the daemon did for this token need not be done again. */
  async #recall(token: Token): Promise<void> {
    const done = await this.#parts.memory.doneFor(token.fingerprint);
    if (this.#token !== token) return;
    this.#progress = this.#progress.map((hook, index) =>
      done.includes(this.#lanes[index]?.name ?? '') ? newHook(false) : hook,
    );
    if (nextHook(this.#progress, 0) === null)
      this.#parts.log.debug('hooks-done-before', { sequence: token.sequence });
  }

  async #pass(): Promise<void> {
    for (;;) {
      const index = nextHook(this.#progress, this.#next);
      if (index === null || this.#token === null || this.#closed) break;
      this.#next = index + 1;
      await this.#try(this.#lanes[index]!, this.#token);
    }
    // Nothing may come between the last look and this.
    this.#isRunning = false;
    this.#next = 0;
    if (this.#token === null || this.#closed) return;
    const { clock, random } = this.#parts;
    const pauseMs = passPauseMs(this.#progress, this.#windowMs, random.fraction());
    if (pauseMs !== null) this.#cancelPause = clock.after(pauseMs, () => this.#start());
  }

  async #try(lane: HookLane, token: Token): Promise<void> {
    const tried = await lane.try(token, this.#givingUp.signal);
    // A reload may have taken it away meanwhile.
    const index = this.#lanes.indexOf(lane);
    if (tried === null || index === -1) return;
    const { result, began } = tried;
    if (!result.ok) {
      this.#progress = afterFailure(this.#progress, index, began);
      if (this.#token !== token) {
        this.#progress = afterFailureForOlder(this.#progress, index);
        this.#next = index + 1;
      }
      return lane.tellFailure(tried, result, this.#progress[index]!, this.#windowMs);
    }
    lane.tellSuccess(tried, this.#progress[index]?.failures ?? 0);
    // It works again, but a newer token is still to come to it.
    if (this.#token === token) this.#progress = afterSuccess(this.#progress, index);
    else this.#progress = this.#progress.with(index, newHook(true));
    this.#remember();
  }

  #remember(): void {
    if (this.#token === null) return;
    const done = this.#lanes.filter((_, index) => this.#progress[index]?.isDue === false);
    this.#parts.memory.save(
      this.#token.fingerprint,
      done.map(({ name }) => name),
    );
  }
}

import type { Secret } from 'kubernetes-types/core/v1.js';
import { TokenwardError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { endless } from '../endless.ts';
import { pause } from '../pause.ts';
import { apiError, objectText } from './api-failure.ts';
import type { ApiAnswer, KubernetesApi, ObjectName } from './api.ts';
import {
  dataOf,
  holds,
  type ObjectData,
  type ObjectValues,
  sameBytes,
  withValues,
  writerOf,
} from './object-data.ts';
import { watchChanges } from './watch-changes.ts';

/**
 * The one Secret in which an agent has everything. Every write replaces it under optimistic concurrency (`resourceVersion`), one
 * at a time. A writer says what it takes the values to be that its own rest on: where they still are, a write is made again over
 * whatever a stranger changed beside them (labels, annotations, other keys); where they are not, another pod of ours was at work.
 *
 * A write whose answer was lost is looked for: every sealed value has a nonce of its own, so an object that has our values has
 * them from us. Where it is not there yet it may still arrive, and then meets a newer version, or ours made again.
 */

/** Writes of one change, and the milliseconds between two of them after a failure: at first, and at most. */
const TRIES = 8;
const PAUSE_MS = { first: 100, last: 2_000 };
/** The longest Retry-After that a call waits for; beyond it the caller is told. */
const LONGEST_WAIT_MS = 5_000;

export interface SecretObjectOptions {
  readonly api: KubernetesApi;
  readonly at: ObjectName;
  readonly clock: Clock;
  readonly random: Random;
  /** Names this process to whoever meets its writes. */
  readonly writer: string;
}

/** One state of the object. */
export interface ObjectImage {
  /** Tells the object from one of the same name that was made later. */
  readonly uid: string;
  readonly data: ObjectData;
}

export interface Change {
  /** What is to be; the object is left alone where it is so already. */
  readonly set: (data: ObjectData) => ObjectValues;
  /** What the writer takes for granted. */
  readonly expects: ObjectValues;
  /** Whether to write all the same where that is not so; {@link TokenwardError} `AGENT_HELD` otherwise. */
  readonly overTheirs?: (theirs: ObjectData) => boolean;
}

export class SecretObject {
  readonly at: ObjectName;
  readonly #options: SecretObjectOptions;
  /** As it was last read or written; null where it must be read. */
  #known: Secret | null = null;
  /** What writes of ours may have set, or may yet set: nobody knows whether they arrived. */
  #maybe: ObjectValues[] = [];
  /** A read that has not begun yet: whoever asks now shares it. */
  #nextRead: Promise<Secret> | null = null;
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: SecretObjectOptions) {
    this.at = options.at;
    this.#options = options;
  }

  /** As it is now, never from memory. Rejects `STORE_UNREACHABLE` and `STORE_UNAVAILABLE`, and with the signal's reason. */
  async read(signal: AbortSignal): Promise<ObjectImage> {
    signal.throwIfAborted();
    this.#nextRead ??= this.#inLine(() => {
      this.#nextRead = null;
      // shared by several callers, none of whom may end it for the others; its deadline does
      return this.#get(endless());
    });
    return imageOf(await unlessAborted(this.#nextRead, signal));
  }

  /**
   * Resolves to the object with the change in it. Rejects `AGENT_HELD` where another pod changed what the change rests on, and
   * as {@link SecretObject.read}; then nobody may know whether it was made.
   */
  change(change: Change, signal: AbortSignal): Promise<ObjectImage> {
    signal.throwIfAborted();
    return this.#inLine(() => this.#change(change, signal));
  }

  /** Resolves when the server would take these values now. Nothing is written. */
  prove(values: ObjectValues, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return this.#inLine(async () => {
      for (let tries = 1; ; tries += 1) {
        const base = this.#known ?? (await this.#get(signal));
        const answer = await this.#put(base, values, true, signal);
        if (answer.kind === 'object') return;
        if (answer.kind === 'silent' || answer.status !== 409 || tries === TRIES) throw this.#error(answer);
        this.#known = null;
      }
    });
  }

  /** Calls `changed` after every change of the object, whoever makes it, and whenever some may have been missed. */
  watch(changed: () => void, signal: AbortSignal): void {
    void watchChanges(this.#options, changed, signal);
  }

  async #change(change: Change, signal: AbortSignal): Promise<ObjectImage> {
    for (let tries = 1; ; tries += 1) {
      const base = this.#known ?? (await this.#get(signal));
      const data = dataOf(base);
      const values = change.set(data);
      if (holds(data, values)) return imageOf(base);
      if (!this.#isExpected(data, change.expects) && change.overTheirs?.(data) !== true)
        throw this.#heldElsewhere(base);
      const answer = await this.#put(base, values, false, signal);
      if (answer.kind === 'object') {
        this.#known = answer.object;
        // what is still on its way was made for an older version, and comes too late
        this.#maybe = [];
        return imageOf(answer.object);
      }
      this.#known = null;
      if (mayBeDone(answer)) this.#maybe.push(values);
      const waitMs = tries === TRIES ? null : this.#waitMs(answer, tries);
      if (waitMs === null) throw this.#error(answer);
      await pause(this.#options.clock, waitMs, signal);
    }
  }

  /** What a value is taken for, or what a write of ours with an unknown end would have made of it. */
  #isExpected(data: ObjectData, expects: ObjectValues): boolean {
    return Object.entries(expects).every(([key, expected]) => {
      const found = data.get(key) ?? null;
      const ours = this.#maybe
        .filter((values) => values[key] !== undefined)
        .map((values) => values[key] ?? null);
      return [expected, ...ours].some((value) => sameBytes(found, value));
    });
  }

  async #get(signal: AbortSignal): Promise<Secret> {
    const { api } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const answer = await api.getSecret(this.at, signal);
      signal.throwIfAborted();
      if (answer.kind === 'object') return (this.#known = answer.object);
      // once more right away: a server that restarts behind a balancer, a connection that was cut
      const waitMs = tries === 3 ? null : this.#waitMs(answer, tries);
      if (waitMs === null) throw apiError(answer, { verb: 'get', resource: 'secrets', at: this.at });
      await pause(this.#options.clock, waitMs, signal);
    }
  }

  async #put(
    base: Secret,
    values: ObjectValues,
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<ApiAnswer<Secret>> {
    const { api, writer } = this.#options;
    // not given up halfway where the caller is: whether it was made must be known
    signal.throwIfAborted();
    const object = withValues(base, values, writer);
    return api.putSecret(this.at, object, { dryRun }, endless());
  }

  /** null where it is no use to try again. */
  #waitMs(answer: Exclude<ApiAnswer<Secret>, { kind: 'object' }>, tries: number): number | null {
    const backoff = Math.min(PAUSE_MS.first * 2 ** (tries - 1), PAUSE_MS.last);
    const jittered = backoff * (0.5 + this.#options.random.fraction() / 2);
    if (answer.kind === 'silent') return tries < 3 ? jittered : null;
    const { status, retryAfterMs } = answer;
    if (status === 409) return tries === 1 ? 0 : jittered;
    if (status !== 429 && status < 500) return null;
    if (retryAfterMs === null) return tries < 4 ? jittered : null;
    return retryAfterMs <= LONGEST_WAIT_MS ? retryAfterMs : null;
  }

  #error(answer: Exclude<ApiAnswer<Secret>, { kind: 'object' }>): TokenwardError {
    return apiError(answer, { verb: 'update', resource: 'secrets', at: this.at });
  }

  #heldElsewhere(found: Secret): TokenwardError {
    const object = objectText({ resource: 'secrets', at: this.at });
    const message = `${writerOf(found)} wrote to the ${object} meanwhile, so nothing was written over it; it is read anew`;
    return new TokenwardError('AGENT_HELD', message, { fields: { object } });
  }

  #inLine<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(task);
    this.#line = result.catch(() => {});
    return result;
  }
}

/** Whether a write may have been made, or may be made yet, although no answer says so. */
function mayBeDone(answer: Exclude<ApiAnswer<Secret>, { kind: 'object' }>): boolean {
  return answer.kind === 'silent' ? answer.sent : answer.status >= 500;
}

function imageOf(object: Secret): ObjectImage {
  return { uid: object.metadata?.uid ?? '', data: dataOf(object) };
}

/** The promise, or the signal's reason where that comes first. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

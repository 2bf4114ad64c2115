import type { AgentEffect } from '../../../src/domain/agent-effect.ts';
import type { AgentEvent, Moment, StoreView } from '../../../src/domain/agent-event.ts';
import { initialState, type AgentSettings, type AgentState } from '../../../src/domain/agent-state.ts';
import { fullBucket } from '../../../src/domain/bucket.ts';
import { firstRecord } from '../../../src/domain/ledger.ts';
import { nextWakeMs } from '../../../src/domain/next-wake.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { tokenUsable } from '../../../src/domain/plan.ts';
import { Secret, type Credential } from '../../../src/domain/secret.ts';
import type { Stamp } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import type { LogServer } from './log-server.ts';

/**
 * One daemon of the fleet: the real transition with the real times, around effects that take no time and never fail. What is
 * left out is what no server notices: sealing, disk, keychain, HTTP.
 */

export interface FleetCounts {
  /** Connections that were refused. */
  refused(): void;
  /** Exchanges that were sent, by what came of them. */
  exchanged(outcome: Outcome['kind']): void;
}

export interface FleetParts {
  readonly server: LogServer;
  readonly random: SeededRandom;
  readonly counts: FleetCounts;
  readonly settings: AgentSettings;
}

const noConnection: AgentEvent = {
  type: 'not-connected',
  failure: { code: 'SERVER_UNREACHABLE', detail: 'the connection is refused' },
};
const answered: AgentEvent = {
  type: 'answered',
  answer: { kind: 'http', status: 200, headers: {}, body: new Uint8Array(), complete: true },
};
/** One object for all: nobody looks into the texts. */
const text = new Secret('of no interest');
const identity = 'host:of-a-fleet';

export class FleetDaemon {
  readonly #number: number;
  readonly #parts: FleetParts;
  #state: AgentState;
  #grants = 0;
  /** The answer under way, and when it arrives, in milliseconds. */
  #answer: { readonly outcome: Outcome | null; readonly at: number } | null = null;

  constructor(number: number, parts: FleetParts) {
    this.#number = number;
    this.#parts = parts;
    this.#state = initialState(parts.settings);
  }

  hasToken(nowMs: number): boolean {
    return tokenUsable(this.#state, stampAt(nowMs));
  }

  /** A start with a secret and no session. Returns when to wake it, in milliseconds. */
  start(nowMs: number): number {
    return this.#take({ type: 'started' }, nowMs);
  }

  wake(nowMs: number): number {
    const isAnswered = this.#answer !== null && this.#answer.at <= nowMs;
    return this.#take(isAnswered ? answered : { type: 'woke' }, nowMs);
  }

  /** Takes the event, and all that follows from it in the same moment. */
  #take(event: AgentEvent, nowMs: number): number {
    const now = stampAt(nowMs);
    const events = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      const { state, effects } = transition(this.#state, next, this.#moment(now));
      this.#state = state;
      for (const effect of effects) {
        const result = this.#run(effect, now);
        if (result !== null) events.push(result);
      }
    }
    const wakeMs = nextWakeMs(this.#state, now) ?? Number.POSITIVE_INFINITY;
    return Math.min(nowMs + Math.max(1, Math.ceil(wakeMs)), this.#answer?.at ?? Number.POSITIVE_INFINITY);
  }

  #moment(now: Stamp): Moment {
    return { now, draw: this.#parts.random.fraction(), id: 'an-id' };
  }

  #run(effect: AgentEffect, now: Stamp): AgentEvent | null {
    switch (effect.do) {
      case 'open':
        return this.#opened(now);
      case 'prepare':
        return this.#prepared(now.bootMs);
      case 'save-intent':
        return { type: 'intent-saved' };
      case 'exchange':
        this.#send(now.bootMs);
        return null;
      case 'save-raw':
        return { type: 'raw-saved' };
      case 'interpret':
        return this.#interpreted();
      case 'save':
        return { type: 'step-saved' };
      case 'observe':
      case 'disconnect':
      case 'publish':
      case 'withdraw':
      case 'probe':
      case 'use-settings':
      case 'reply':
      case 'note':
        return null;
    }
  }

  #opened(now: Stamp): AgentEvent {
    const { origin, maxExchangesPerMinute } = this.#parts.settings;
    const bucket = fullBucket(maxExchangesPerMinute, now);
    const record = { ...firstRecord('a-state', identity, origin, bucket), generation: 1 };
    const current = { ...this.#credential('secret', 0), generation: 1, owner: 'a-state', origin };
    const found = { identity, keyPresent: true, sealedStatePresent: true, record, session: null, raws: [] };
    return { type: 'opened', view: { ...found, current, candidate: null } };
  }

  #prepared(nowMs: number): AgentEvent {
    if (this.#parts.server.isRefusing(nowMs)) {
      this.#parts.counts.refused();
      return noConnection;
    }
    return { type: 'prepared', view: this.#store() };
  }

  #store(): StoreView {
    const { current, record, settings } = this.#state;
    if (current === null || record === null) throw new Error('a daemon of the fleet lost its secret');
    const { origin } = settings;
    return { current: { ...current, owner: record.stateId, origin }, candidate: null };
  }

  #send(nowMs: number): void {
    const { outcome, afterMs } = this.#parts.server.take(nowMs);
    this.#answer = { outcome, at: Math.ceil(nowMs + afterMs) };
  }

  /** The server's model says what it means: the way from bytes to a meaning is the same for all. */
  #interpreted(): AgentEvent {
    const outcome = this.#answer?.outcome ?? this.#grant();
    this.#answer = null;
    this.#parts.counts.exchanged(outcome.kind);
    return { type: 'interpreted', outcome };
  }

  #grant(): Outcome {
    this.#grants += 1;
    const token = this.#credential('token', this.#grants);
    const newSecret = this.#credential('secret', this.#grants);
    return { kind: 'granted', token, ttlMs: this.#parts.settings.ttlMs, newSecret };
  }

  #credential(kind: string, count: number): Credential {
    return { text, fingerprint: `sha256:${kind}-${this.#number}-${count}` };
  }
}

/** All hosts stay up for the whole story. */
function stampAt(ms: number): Stamp {
  return { bootId: 'a-boot', bootMs: ms, wallMs: ms };
}

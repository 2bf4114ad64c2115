import type { WatchKind } from '../platform/metrics/serving-metrics.ts';
import type { Agent } from '../ports/agent.ts';
import { Crowd } from './crowd.ts';
import type { ServeDependencies } from './dependencies.ts';
import { newsFor, viewOf, type EventView, type Known } from './event-view.ts';

/**
 * Whoever waits for news of an agent on one listener. However many there are, the agent is looked at once after each of its
 * events, and what is to be told is put into bytes once. Watchers are kept in sets of our own: a signal's list of listeners is
 * walked through for each that comes and goes.
 */

export interface Watcher {
  /** The token or the state of the agent is another one. `events` tells it as an event stream does. */
  news(agent: Agent, events: Buffer): void;
  /** Nothing more will come: the listener closes, or the agent is given up and nobody has its name now. Called once, last. */
  over(): void;
}

export interface Watch {
  /** The one that has the name now. */
  readonly agent: Agent;
  /** The events that tell what somebody does not know yet; null where there are none. */
  since(known: Known | null): string | null;
  /** May be called again. */
  stop(): void;
}

type Dependencies = Pick<ServeDependencies, 'agents' | 'clock' | 'metrics' | 'giveMemoryBack'>;

export class Watchers {
  readonly #dependencies: Dependencies;
  readonly #crowd: Crowd;
  /** By the agent's name. */
  readonly #watched = new Map<string, WatchedAgent>();
  #isClosed = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    this.#crowd = new Crowd(dependencies.clock, dependencies.giveMemoryBack);
  }

  /** Begins to watch the agent that has this name; null where nothing will ever come of it. */
  watch(name: string, kind: WatchKind, watcher: Watcher): Watch | null {
    const agent = this.#livingAgent(name);
    if (this.#isClosed || agent === null) return null;
    const watched = this.#watched.get(name) ?? this.#begin(name, agent);
    watched.follow(agent);
    // A stream begins with the present moment, and what is new in it is news to the others, too.
    if (kind === 'events') watched.look();
    watched.watchers.add(watcher);
    this.#dependencies.metrics.watching(kind, 1);
    this.#crowd.came();
    return {
      agent,
      since: (known) => newsFor(watched.view, known),
      stop: () => {
        if (!watched.watchers.delete(watcher)) return;
        this.#dependencies.metrics.watching(kind, -1);
        this.#crowd.left();
        if (watched.watchers.size === 0) this.#forget(name, watched);
      },
    };
  }

  /** Lets everybody go. */
  close(): void {
    this.#isClosed = true;
    for (const watched of this.#watched.values()) watched.over();
  }

  #begin(name: string, agent: Agent): WatchedAgent {
    const watched = new WatchedAgent(agent, () => {
      const next = this.#livingAgent(name);
      if (next === null) watched.over();
      else watched.follow(next);
    });
    this.#watched.set(name, watched);
    return watched;
  }

  #forget(name: string, watched: WatchedAgent): void {
    watched.release();
    if (this.#watched.get(name) === watched) this.#watched.delete(name);
  }

  #livingAgent(name: string): Agent | null {
    const agent = this.#dependencies.agents().get(name);
    return agent === undefined || agent.ended.aborted ? null : agent;
  }
}

/** One agent that somebody watches. After a reload another agent may go on under its name. */
class WatchedAgent {
  readonly watchers = new Set<Watcher>();
  readonly #onEnd: () => void;
  #agent: Agent;
  #view: EventView;
  #unfollow: () => void;

  constructor(agent: Agent, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#agent = agent;
    this.#view = viewOf(agent.status(), null);
    this.#unfollow = this.#subscribe(agent);
  }

  /** As of the last look. */
  get view(): EventView {
    return this.#view;
  }

  follow(agent: Agent): void {
    if (agent === this.#agent) return;
    this.#unfollow();
    this.#agent = agent;
    this.#unfollow = this.#subscribe(agent);
    this.look();
  }

  /** Tells everybody what has changed since the last look. */
  look(): void {
    const before = this.#view;
    this.#view = viewOf(this.#agent.status(), before);
    const news = newsFor(this.#view, before);
    if (news === null) return;
    const events = Buffer.from(news);
    for (const watcher of this.watchers) watcher.news(this.#agent, events);
  }

  over(): void {
    for (const watcher of this.watchers) watcher.over();
  }

  release(): void {
    this.#unfollow();
  }

  #subscribe(agent: Agent): () => void {
    const unsubscribe = agent.subscribe(() => this.look());
    agent.ended.addEventListener('abort', this.#onEnd);
    return () => {
      unsubscribe();
      agent.ended.removeEventListener('abort', this.#onEnd);
    };
  }
}

import type { ServerResponse } from 'node:http';
import type { Agent } from '../ports/agent.ts';
import type { Watcher } from './watchers.ts';

/** What a client may have left unread, beyond what the kernel holds for it (about 200 KiB on a Unix socket), in bytes. */
const maxUnreadBytes = 16 * 1024;

/** So many heartbeats in a row a client may leave unread data lie. */
const maxStalledBeats = 4;

/** A comment, which clients pass over (WHATWG HTML §9.2.6). */
const heartbeatComment = Buffer.from(':\n\n');

/** One client's stream of events. A client that does not read is cut off, and no memory grows for it. */
export class EventStream implements Watcher {
  readonly #response: ServerResponse;
  readonly #isAllowed: () => boolean;
  #stalledBeats = 0;

  /** `isAllowed` is asked before everything that is sent: a reload may take a permission away. */
  constructor(response: ServerResponse, isAllowed: () => boolean) {
    this.#response = response;
    this.#isAllowed = isAllowed;
    // A client that goes away in the middle is its own matter.
    response.on('error', () => response.destroy());
  }

  /** Sends something beside the events, at the beginning. */
  write(text: string): void {
    this.#response.write(text);
  }

  news(_agent: Agent, events: Buffer): void {
    this.#send(events);
  }

  beat(): void {
    const isStalled = this.#response.writableLength > 0;
    this.#stalledBeats = isStalled ? this.#stalledBeats + 1 : 0;
    if (this.#stalledBeats >= maxStalledBeats) this.#response.destroy();
    else if (!isStalled) this.#send(heartbeatComment);
  }

  over(): void {
    this.#response.end();
  }

  #send(bytes: Buffer): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    if (!this.#isAllowed()) response.end();
    else if (response.writableLength > maxUnreadBytes) response.destroy();
    else response.write(bytes);
  }
}

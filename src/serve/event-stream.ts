import type { Writable } from 'node:stream';
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
  readonly #target: Writable;
  readonly #isAllowed: () => boolean;
  #stalledBeats = 0;

  /** `isAllowed` is asked before everything that is sent: a reload may take a permission away. */
  constructor(target: Writable, isAllowed: () => boolean) {
    this.#target = target;
    this.#isAllowed = isAllowed;
    // A client that goes away in the middle is its own matter.
    target.on('error', () => target.destroy());
  }

  /** Sends something beside the events, at the beginning. */
  write(text: string): void {
    this.#target.write(text);
  }

  news(_agent: Agent, events: Buffer): void {
    this.#send(events);
  }

  beat(): void {
    const isStalled = this.#target.writableLength > 0;
    this.#stalledBeats = isStalled ? this.#stalledBeats + 1 : 0;
    if (this.#stalledBeats >= maxStalledBeats) this.#target.destroy();
    else if (!isStalled) this.#send(heartbeatComment);
  }

  over(): void {
    this.#target.end();
  }

  #send(bytes: Buffer): void {
    const target = this.#target;
    if (target.destroyed || target.writableEnded) return;
    if (!this.#isAllowed()) target.end();
    else if (target.writableLength > maxUnreadBytes) target.destroy();
    else target.write(bytes);
  }
}

import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Clock } from '../ports/clock.ts';

export interface EndOptions {
  readonly clock: Clock;
  /** Milliseconds after which running requests are cut off. */
  readonly deadlineMs: number;
  /**
   * Milliseconds for clients that have just connected, or keep their connection, to come with a request: worth waiting for where
   * somebody else takes the next connections, so that no client notices the change.
   */
  readonly lingerMs: number;
  /** Ends connections that are not in the middle of a request, past `node:http`. */
  readonly endIdle: () => void;
}

/** Far more than a client needs that has just connected. */
const lingerOfInheritedMs = 100;

/** What the server of a socket lingers: one that outlives it has clients who need not notice. */
export function lingerOf({ inherited = null }: { readonly inherited?: number | null }): number {
  return inherited === null ? 0 : lingerOfInheritedMs;
}

/** Stops accepting at once. Resolves when no connection is left. */
export function endServer(http: Server, { clock, deadlineMs, lingerMs, endIdle }: EndOptions): Promise<void> {
  return new Promise((resolve) => {
    const endIdleOnes = () => {
      http.close();
      endIdle();
    };
    const cancelDeadline = clock.after(deadlineMs, () => http.closeAllConnections());
    let cancelLinger: (() => void) | null = null;
    const ended = () => {
      cancelDeadline();
      cancelLinger?.();
      // It also looks from time to time how old connections are.
      http.close();
      resolve();
    };
    // That of node:http would end idle connections in the same breath.
    NetServer.prototype.close.call(http, ended);
    if (lingerMs === 0) endIdleOnes();
    else cancelLinger = clock.after(Math.min(lingerMs, deadlineMs), endIdleOnes);
  });
}

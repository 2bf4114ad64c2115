import { type InheritedSocket, isSameSocket, type SocketCalls, socketText } from './inherited-sockets.ts';
import type { SocketName } from './socket-address.ts';

export interface SocketStoreParts {
  readonly calls: SocketCalls;
  /** Told of a socket that nobody takes connections from, once for each. */
  readonly onUnused: (address: string, label: string) => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * The sockets that were passed to this process. They stay open here for its whole life, so that connections wait, and are not
 * refused, while no listener takes them.
 */
export class SocketStore {
  readonly #sockets: readonly InheritedSocket[];
  readonly #parts: SocketStoreParts;
  readonly #toldUnused = new Set<InheritedSocket>();

  constructor(
    passed: readonly { readonly descriptor: number; readonly label: string }[],
    parts: SocketStoreParts,
  ) {
    this.#parts = parts;
    this.#sockets = passed.map((each) => ({ ...each, name: parts.calls.nameOf(each.descriptor) }));
  }

  /** A descriptor of the socket at this address, for the caller to close; null where there is none. Never throws. */
  take(address: SocketName): number | null {
    const socket = this.#sockets.find(({ name }) => name !== null && isSameSocket(name, address));
    if (socket === undefined) return null;
    try {
      return this.#parts.calls.duplicate(socket.descriptor);
    } catch (error) {
      this.#parts.onFailed(error);
      return null;
    }
  }

  tellUnused(wanted: readonly SocketName[]): void {
    for (const socket of this.#sockets) {
      const { name, label } = socket;
      const isWanted = name !== null && wanted.some((each) => isSameSocket(name, each));
      if (isWanted) this.#toldUnused.delete(socket);
      else if (!this.#toldUnused.has(socket)) {
        this.#toldUnused.add(socket);
        this.#parts.onUnused(socketText(name), label);
      }
    }
  }
}

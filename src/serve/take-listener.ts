import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Node's own listener, which from now on is called by us. */
export function takeListener(emitter: Server | Socket, event: string): (argument: unknown) => void {
  const [listener] = emitter.listeners(event);
  if (listener === undefined) throw new Error(`node:http has no listener for "${event}"`);
  emitter.removeAllListeners(event);
  return (argument) => {
    listener.call(emitter, argument);
  };
}

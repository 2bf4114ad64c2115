import { Agent, request } from 'node:http';

/** HTTP over a Unix socket, on one connection that is kept. */
export interface LocalClient extends Disposable {
  /** Rejects with Node's error where nobody listens (yet). */
  send(method: 'GET' | 'POST', path: string): Promise<LocalAnswer>;
}

export interface LocalAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export function createLocalClient(socketPath: string): LocalClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: (method, path) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ socketPath, agent, method, path }, (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }),
          );
        });
        outgoing.on('error', reject);
        outgoing.end();
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

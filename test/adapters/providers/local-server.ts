import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpClient } from '../../../src/platform/http/client.ts';
import type { ProviderDependencies } from '../../../src/providers/dependencies.ts';

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is answered: null hangs up. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LocalServer extends AsyncDisposable, ProviderDependencies {
  readonly requests: readonly SeenRequest[];
  /** Everything is answered with this from now on. */
  answer(reply: Reply | null): void;
}

/** A server of plain HTTP on this host, below a base path. */
export async function startLocalServer(given: Partial<ProviderDependencies> = {}): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  let reply: Reply | null = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      if (reply === null) request.socket.destroy();
      else response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    answer: (next) => (reply = next),
    http: createHttpClient({
      url: `http://127.0.0.1:${port}/base`,
      tls: {},
      env: {},
      timeouts: { connectMs: 2_000, headersMs: 2_000, bodyMs: 2_000 },
    }),
    wallMs: () => Date.parse('2026-02-03T10:00:00.001Z'),
    probe: { path: '/probe?a=b' },
    tokenHeader: { name: 'X-Own', scheme: null },
    ...given,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

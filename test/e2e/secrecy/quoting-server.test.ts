import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Haystack } from '../../support/haystack.ts';
import { Installation } from '../../support/installation.ts';
import { throwAwayTls } from '../../support/throw-away-tls.ts';

/** A server, or something before it, that answers with what it was sent: a request's secret is in its error. */

type Quote = (response: ServerResponse, said: string) => void;

const json = (status: number, body: (said: string) => unknown): Quote => {
  return (response, said) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body(said)));
};

const complaint = (said: string) => ({
  errorCode: 'AGENT_ERROR',
  errorMessage: `wrong: ${said}`,
  errorDetails: { said },
});

const quotes: Readonly<Record<string, Quote>> = {
  'a refusal': json(400, complaint),
  'an error code': json(400, (said) => ({ errorCode: said, errorMessage: said })),
  'a refusal with 403': json(403, complaint),
  'another complaint': json(404, complaint),
  'a limit': json(429, complaint),
  'a failure': json(500, complaint),
  'a success that is none': json(200, (said) => ({ token: said, secret: said, [said]: said })),
  'a page': (response, said) =>
    response.writeHead(403, { 'content-type': 'text/html' }).end(`<p>${said}</p>`),
  'a redirect': (response, said) =>
    response
      .writeHead(302, { location: `/login?back=${encodeURIComponent(said)}`, 'x-said': encodeURI(said) })
      .end(),
  'a broken answer': (response, said) =>
    response.writeHead(200, { 'content-length': 100_000 }).write(said, () => response.destroy()),
};

async function startQuotingServer(quote: Quote) {
  const { ca, identity } = throwAwayTls();
  let requests = 0;
  const server = createServer({ cert: identity.cert, key: identity.key }, (request, response) => {
    requests += 1;
    void saidIn(request).then((said) => quote(response, said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ca,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function saidIn(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { secret } = JSON.parse(Buffer.concat(chunks).toString()) as { secret?: string };
  return secret ?? request.headers.authorization ?? '';
}

describe('a server that quotes the secret in', () => {
  it.each(Object.entries(quotes))('%s makes nobody else repeat it', async (_, quote) => {
    await using server = await startQuotingServer(quote);
    await using site = await Installation.create();
    const caFile = join(site.folder, 'quoting.pem');
    await writeFile(caFile, server.ca);
    await site.configure({ agent: { url: server.url, tls: { ca_file: caFile }, exchange_deadline: '1s' } });
    const secret = 'a-secret-that-is-"quoted"+\\/';
    const haystack = new Haystack();
    const keep = ({ stdout, stderr }: { stdout: string; stderr: string }) =>
      haystack.add('command', stdout + stderr);

    keep(await site.cli(['enroll', site.agent, '--admin-token-file', site.adminTokenFile]));
    expect(server.requests()).toBe(1);
    keep(await site.cli(['import', site.agent], { stdin: secret }));
    const daemon = site.run();
    await eventually(() => expect(server.requests()).toBeGreaterThanOrEqual(2), { withinMs: 20_000 });
    await daemon.logged('exchange-failed');
    keep(await site.cli(['refresh', site.agent]));
    keep(await site.cli(['status', '--json']));
    await haystack.addFolder(site.stateDir);
    await daemon.end('SIGTERM');
    haystack.add('log', daemon.output);

    const admin = (await readFile(site.adminTokenFile, 'utf8')).trimEnd();
    expect(haystack.find([secret, admin])).toEqual([]);
  });
});

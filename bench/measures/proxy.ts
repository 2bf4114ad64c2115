import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { hasPart, installCommand, type PartName } from '../../test/support/part-list.ts';
import { startDaemon } from '../daemon.ts';
import { agent, install } from '../installation.ts';
import { connections, requestsPerSecond } from '../load.ts';
import { runNginx } from '../nginx.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { median } from '../statistics.ts';

const needed: readonly PartName[] = ['nginx-light', 'nghttp2-client'];
const ratioName = 'requests through the proxy, to nginx';
const path = '/api/v2/events';

interface ProxyOptions {
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** Of the body of each request. */
  readonly bytes: number;
}

/**
 * A batch of events through the injecting proxy, and through nginx's `proxy_pass` with a fixed header, in turns. Both come by a
 * Unix socket and lead to one more nginx, which takes every batch: what is behind them costs the same.
 */
export async function measureProxy(
  site: Site,
  { rounds, secondsPerRound, bytes }: ProxyOptions,
): Promise<readonly Result[]> {
  const missing = needed.filter((name) => !hasPart(name));
  if (missing.length > 0) {
    return [{ name: ratioName, value: null, unit: 'ratio', note: `to have it: ${installCommand(missing)}` }];
  }
  const folder = await site.newFolder();
  const port = await freePort();
  const server = `127.0.0.1:${port}`;
  const key = randomBytes(32).toString('base64url');
  const keyFile = join(folder, 'key');
  const body = join(folder, 'body');
  await writeFile(keyFile, key, { mode: 0o600 });
  await writeFile(body, 'x'.repeat(bytes));
  const ours = join(folder, 'ours');
  const theirs = join(folder, 'theirs');
  await using running = new AsyncDisposableStack();
  running.use(await runNginx(site, serverOf(server, site), server));
  running.use(await runNginx(site, proxyOf(server, theirs), theirs));
  const proxies = `proxies:
  - { unix: ${ours}, agent: ${agent}, client_key_file: ${keyFile} }
`;
  const installation = await install(site, { serverUrl: `http://${server}`, moreConfig: proxies });
  running.use(await startDaemon(installation));
  const load = { path, body, headers: [`x-tokenward-key: ${key}`] };
  const rates = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(await requestsPerSecond({ ...load, socketPath: ours }, secondsPerRound));
    rates.theirs.push(await requestsPerSecond({ ...load, socketPath: theirs }, secondsPerRound));
  }
  const note = `${rounds} rounds of ${secondsPerRound} s each, ${connections} connections, bodies of ${bytes} bytes`;
  return [
    { name: ratioName, value: median(rates.ours) / median(rates.theirs), unit: 'ratio', note },
    { name: '  tokenward', value: median(rates.ours), unit: 'requests/s', note: 'median' },
    { name: '  nginx', value: median(rates.theirs), unit: 'requests/s', note: 'median' },
  ];
}

/** Takes batches itself, and leaves exchanges to the emulator. */
function serverOf(address: string, { serverUrl }: Site): string {
  return `server {
    listen ${address};
    client_max_body_size 64m;
    location = ${path} { return 200 "{}"; }
    location / { proxy_pass ${serverUrl}; }
  }`;
}

function proxyOf(address: string, socketPath: string): string {
  return `upstream server { server ${address}; keepalive ${connections}; }
  server {
    listen unix:${socketPath};
    client_max_body_size 64m;
    location / {
      proxy_pass http://server;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer ${'x'.repeat(600)}";
      proxy_request_buffering off;
    }
  }`;
}

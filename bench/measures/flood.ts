import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startDaemon, tokenPath } from '../daemon.ts';
import { install } from '../installation.ts';
import { createLocalClient } from '../local-request.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { quantile } from '../statistics.ts';

/** What another user asks too much of. */
export type FloodKind = 'requests' | 'pipelined' | 'unread' | 'slow headers' | 'connections';

const kinds: readonly (readonly [kind: FloodKind, note: string])[] = [
  ['requests', '1000 connections, each asks again and again'],
  ['pipelined', '64 connections, 500 requests in one piece, again and again'],
  ['unread', '256 connections, the same, and no answer is read'],
  ['slow headers', '1000 connections, a header every 100 ms, no end'],
  ['connections', '64 at a time, one request each, again and again'],
];

/** A number that no rule of the host has anything to do with. */
const floodUid = 41_001;
/** Milliseconds between two requests of the calm client. */
const everyMs = 4;

/** The token for a calm client on one connection, alone and beside another user who floods the socket. */
export async function measureFlood(site: Site, samples: number): Promise<readonly Result[]> {
  const name = 'token for a calm client, p99';
  if (process.geteuid?.() !== 0) {
    return [{ name, value: null, unit: 'ms', note: 'needs root, to be another user as well' }];
  }
  const installation = await install(site, { guest: floodUid });
  for (const folder of [site.folder, dirname(installation.socketPath)]) await chmod(folder, 0o711);
  await using daemon = await startDaemon(installation);
  await calm(daemon.socketPath, samples / 4); // to get warm
  const alone = await calm(daemon.socketPath, samples);
  const results: Result[] = [
    { name, value: alone.p99, unit: 'ms', note: `alone, p50 ${alone.p50.toFixed(2)} ms` },
  ];
  for (const [kind, note] of kinds) {
    const beside = await besideFlood(kind, daemon.socketPath, samples);
    results.push({ name: `  beside a flood: ${kind}`, value: beside.p99, unit: 'ms', note });
    results.push({
      name: '    to that without',
      value: beside.p99 / alone.p99,
      unit: 'ratio',
      note: `p50 ${beside.p50.toFixed(2)} ms`,
    });
  }
  return results;
}

async function besideFlood(kind: FloodKind, socketPath: string, samples: number): Promise<Latency> {
  const script = join(import.meta.dirname, '../flood-process.ts');
  const flood = spawn(process.execPath, [script, kind, socketPath, tokenPath], {
    uid: floodUid,
    gid: floodUid,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(flood, 'exit');
  try {
    await Promise.race([
      once(flood.stdout, 'data'),
      ended.then(([code]) => {
        throw new Error(`the flood has ended with exit code ${String(code)}`);
      }),
    ]);
    return await calm(socketPath, samples);
  } finally {
    flood.kill('SIGKILL');
    await ended;
  }
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds from a request to its whole answer. */
async function calm(socketPath: string, samples: number): Promise<Latency> {
  using client = createLocalClient(socketPath);
  const times: number[] = [];
  while (times.length < samples) {
    const start = performance.now();
    const { status } = await client.send('GET', tokenPath);
    times.push(performance.now() - start);
    if (status !== 200) throw new Error(`the calm client was answered ${status}`);
    await pause(everyMs);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

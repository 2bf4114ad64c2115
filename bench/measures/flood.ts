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
import { median, quantile } from '../statistics.ts';

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

interface FloodOptions {
  readonly rounds: number;
  /** Requests of the calm client in each round, alone and beside the flood. */
  readonly samples: number;
}

/** The token for a calm client on one connection, in turns alone and beside another user who floods the socket. */
export async function measureFlood(
  site: Site,
  { rounds, samples }: FloodOptions,
): Promise<readonly Result[]> {
  const name = 'token for a calm client, p99';
  if (process.geteuid?.() !== 0) {
    return [{ name, value: null, unit: 'ms', note: 'needs root, to be another user as well' }];
  }
  const installation = await install(site, { guest: floodUid });
  for (const folder of [site.folder, dirname(installation.socketPath)]) await chmod(folder, 0o711);
  await using daemon = await startDaemon(installation);
  const { socketPath } = daemon;
  await calm(socketPath, samples); // to get warm
  const alone: Latency[] = [];
  const results: Result[] = [];
  for (const [kind, note] of kinds) {
    const before: Latency[] = [];
    const beside: Beside[] = [];
    for (let round = 0; round < rounds; round += 1) {
      before.push(await calm(socketPath, samples));
      beside.push(await besideFlood(kind, socketPath, samples));
    }
    alone.push(...before);
    results.push(...rowsOf(kind, note, before, beside));
  }
  const note = `alone, median of ${alone.length} times ${samples}, p50 ${middle(alone, 'p50').toFixed(2)} ms`;
  return [{ name, value: middle(alone, 'p99'), unit: 'ms', note }, ...results];
}

function rowsOf(
  kind: FloodKind,
  note: string,
  alone: readonly Latency[],
  beside: readonly Beside[],
): readonly Result[] {
  const p50 = middle(beside, 'p50').toFixed(2);
  const rate = Math.round(median(beside.map(({ floodPerSecond }) => floodPerSecond)));
  const p99 = middle(beside, 'p99');
  return [
    { name: `  beside a flood: ${kind}`, value: p99, unit: 'ms', note },
    {
      name: '    to that alone just before',
      value: p99 / middle(alone, 'p99'),
      unit: 'ratio',
      note: `p50 ${p50} ms; the flood is answered ${rate.toLocaleString('en')}/s`,
    },
  ];
}

function middle(latencies: readonly Latency[], share: 'p50' | 'p99'): number {
  return median(latencies.map((each) => each[share]));
}

interface Beside extends Latency {
  /** Requests of the other user that were answered. */
  readonly floodPerSecond: number;
}

async function besideFlood(kind: FloodKind, socketPath: string, samples: number): Promise<Beside> {
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
    const before = await answered(socketPath);
    const startMs = performance.now();
    const latency = await calm(socketPath, samples);
    const others = (await answered(socketPath)) - before - samples;
    return { ...latency, floodPerSecond: (others * 1000) / (performance.now() - startMs) };
  } finally {
    flood.kill('SIGKILL');
    await ended;
  }
}

/** How many requests the daemon has answered to all of its clients. */
async function answered(socketPath: string): Promise<number> {
  using client = createLocalClient(socketPath);
  const { body } = await client.send('GET', '/metrics');
  const counts = body.toString().matchAll(/^tokenward_http_requests_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
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

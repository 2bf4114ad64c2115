import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startDaemon } from '../daemon.ts';
import { install, type Installation } from '../installation.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { median, quantile } from '../statistics.ts';

/** The budgets, in milliseconds. */
const mostCold = 200;
const mostWarm = 120;

/** How often the socket is looked for and asked, milliseconds: the grain of the clock. */
const askEveryMs = 1;

/**
 * From the start of the process to the first token over the socket: with a new secret (cold), and with a session on disk (warm).
 * What Node.js takes for nothing at all tells what the machine is like at the moment.
 */
export async function measureStart(site: Site, runs: number): Promise<readonly Result[]> {
  const cold: number[] = [];
  const warm: number[] = [];
  const cached: number[] = [];
  const bare: number[] = [];
  const cacheFolder = await site.newFolder();
  for (let run = 0; run < runs; run += 1) {
    const installation = await install(site);
    cold.push(await servedAfterMs(installation));
    warm.push(await servedAfterMs(installation));
    const env = { ...installation.env, NODE_COMPILE_CACHE: cacheFolder };
    cached.push(await servedAfterMs({ ...installation, env }));
    bare.push(await bareRuntimeMs());
  }
  return [
    { ...result('start to token served, cold', cold), budget: { most: mostCold } },
    { ...result('start to token served, warm', warm), budget: { most: mostWarm } },
    result('  with NODE_COMPILE_CACHE', cached),
    result('  the bare runtime, start to end', bare),
  ];
}

async function servedAfterMs(installation: Installation): Promise<number> {
  await using daemon = await startDaemon(installation, askEveryMs);
  return daemon.servedAfterMs;
}

async function bareRuntimeMs(): Promise<number> {
  const startedMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startedMs;
}

function result(name: string, samples: readonly number[]): Result {
  const p90 = Math.round(quantile(samples, 0.9));
  return { name, value: median(samples), unit: 'ms', note: `median of ${samples.length}, p90 ${p90} ms` };
}

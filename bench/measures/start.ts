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

/** From the start of the process to the first token over the socket: with a new secret (cold), and with a session on disk (warm). */
export async function measureStart(site: Site, runs: number): Promise<readonly Result[]> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const installation = await install(site);
    cold.push(await servedAfterMs(installation));
    warm.push(await servedAfterMs(installation));
  }
  return [
    result('start to token served, cold', cold, mostCold),
    result('start to token served, warm', warm, mostWarm),
  ];
}

async function servedAfterMs(installation: Installation): Promise<number> {
  await using daemon = await startDaemon(installation, askEveryMs);
  return daemon.servedAfterMs;
}

function result(name: string, samples: readonly number[], most: number): Result {
  const p90 = Math.round(quantile(samples, 0.9));
  const note = `median of ${samples.length}, p90 ${p90} ms`;
  return { name, value: median(samples), unit: 'ms', budget: { most }, note };
}

import { readFileSync } from 'node:fs';
import { keyringParts, TestKeyring } from '../../test/support/keyring.ts';
import { hasPart, installCommand } from '../../test/support/part-list.ts';
import { startDaemon } from '../daemon.ts';
import { agent, install, type InstallationOptions } from '../installation.ts';
import { createLocalClient } from '../local-request.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { quantile } from '../statistics.ts';

interface PersistenceOptions {
  /** Rotations with each store. */
  readonly file: number;
  readonly keychain: number;
}

/** From the last byte of an exchange's answer until the new secret is durable: the gap in which a crash could cost it. */
export async function measurePersistence(
  site: Site,
  rotations: PersistenceOptions,
): Promise<readonly Result[]> {
  return [
    ...(await measureStore(site, 'file', rotations.file, {})),
    ...(await measureKeychain(site, rotations.keychain)),
  ];
}

async function measureKeychain(site: Site, rotations: number): Promise<readonly Result[]> {
  const missing = keyringParts.filter((name) => !hasPart(name));
  if (missing.length > 0) {
    const note = `to have it: ${installCommand(missing)}`;
    return [{ name: nameOf('keychain', 'p50'), value: null, unit: 'ms', note }];
  }
  await using keyring = await TestKeyring.start();
  // Awaited here: the keyring ends with this function.
  return await measureStore(site, 'keychain', rotations, { env: keyring.env });
}

async function measureStore(
  site: Site,
  store: 'file' | 'keychain',
  rotations: number,
  options: InstallationOptions,
): Promise<readonly Result[]> {
  const installation = await install(site, { ...options, store, logLevel: 'debug' });
  await using daemon = await startDaemon(installation);
  using client = createLocalClient(daemon.socketPath);
  for (let left = rotations; left > 0; left -= 1) {
    const { status } = await client.send('POST', `/v1/agents/${agent}/refresh`);
    if (status !== 200) throw new Error(`a rotation with the ${store} store was answered ${status}`);
  }
  const samples = durations(installation.logFile).slice(-rotations);
  const note = `of ${samples.length} rotations`;
  return [
    { name: nameOf(store, 'p50'), value: quantile(samples, 0.5), unit: 'ms', note },
    { name: nameOf(store, 'p99'), value: quantile(samples, 0.99), unit: 'ms', note },
  ];
}

function nameOf(store: string, share: string): string {
  return `last byte to durable, ${store} store, ${share}`;
}

/** Milliseconds, one for each rotation; what the metric `tokenward_persist_duration_seconds` counts, but exact. */
function durations(logFile: string): readonly number[] {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const entries = lines.map(
    (line) => JSON.parse(line) as { readonly event: string; readonly took_ms?: number },
  );
  return entries.flatMap(({ event, took_ms: tookMs }) =>
    event === 'answer-durable' && tookMs !== undefined ? [tookMs] : [],
  );
}

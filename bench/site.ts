import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../scripts/build.ts';
import type { EmulatorAddress } from './emulator-process.ts';

/** Where a benchmark happens: a folder of its own, the program as it is built now, and a log server. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  /** The built program. */
  readonly program: string;
  readonly serverUrl: string;
  /** PEM file of the server's authority. */
  readonly caFile: string;
  /** A secret that the server honours and nobody has had. */
  takeSecret(): string;
  /** A new folder in the site's own. */
  newFolder(): Promise<string>;
}

/**
 * `base` lies on a disk: what is measured includes its fsync, and a daemon refuses a state folder in memory. Paths are kept as
 * short as they are under /var/lib/tokenward: long ones make Node's path functions hot, and with them the compiler that
 * otherwise stays out of memory.
 */
export async function openSite(base: string): Promise<Site> {
  const folder = await mkdtemp(join(base, 'tw'));
  const resources = new AsyncDisposableStack();
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    // Not the repository's own dist/, which tests build anew at any moment.
    await build(join(folder, 'dist'));
    const { url, ca, secrets } = await startServer(resources);
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, ca);
    let folders = 0;
    return {
      folder,
      program: join(folder, 'dist/tokenward.js'),
      serverUrl: url,
      caFile,
      takeSecret: takerOf(secrets),
      newFolder: async () => {
        folders += 1;
        const path = join(folder, String(folders));
        await mkdir(path);
        return path;
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

async function startServer(resources: AsyncDisposableStack): Promise<EmulatorAddress> {
  const server = fork(join(import.meta.dirname, 'emulator-process.ts'));
  resources.defer(async () => {
    const ended = once(server, 'exit');
    server.disconnect();
    await ended;
  });
  const [address] = (await once(server, 'message')) as [EmulatorAddress];
  return address;
}

function takerOf(secrets: readonly string[]): () => string {
  const left = [...secrets];
  return () => {
    const secret = left.pop();
    if (secret === undefined) throw new Error('the server of the benchmark has no secret left');
    return secret;
  };
}

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { hasPart } from '../../support/part-list.ts';
import { isRoot } from '../../support/root.ts';
import { useDocker } from './docker-daemon.ts';
import { folders } from './folders.ts';
import { removeProductImage, runVariable } from './product-image.ts';
import { removeProductPackage } from './product-package.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `DOCKER_HOST` of all that container tests start; empty where there is no Docker. */
    readonly dockerHost: string;
    /** Tells this run from others: each builds the product's image of its own source. */
    readonly run: string;
  }
}

/** The daemon runs while the tests run, and the images are being made from the beginning on. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const possible = isRoot && hasPart('docker.io') && hasPart('mmdebstrap');
  project.provide('dockerHost', '');
  process.env[runVariable] ??= randomUUID();
  project.provide('run', process.env[runVariable]);
  if (!possible) return async () => {};
  const giveUp = await useDocker();
  project.provide('dockerHost', process.env['DOCKER_HOST'] ?? '');
  const stopPreparing = await prepare();
  return async () => {
    await stopPreparing();
    await removeProductImage();
    await removeProductPackage();
    await giveUp();
  };
}

async function prepare(): Promise<() => Promise<void>> {
  // A folder of its own: what it leaves there when it is ended is removed with the daemon's next start.
  const scratch = join(folders.cache, 'scratch');
  await mkdir(folders.run, { recursive: true });
  await mkdir(scratch, { recursive: true });
  await using log = await open(join(folders.run, 'prepare.log'), 'w');
  const child = spawn('nice', [process.execPath, join(import.meta.dirname, 'prepare.ts')], {
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
    env: { ...process.env, TMPDIR: scratch },
  });
  const ended = once(child, 'exit');
  return async () => {
    // With its children, by the number of their group; a run of other tests alone does not wait for images.
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
  };
}

import { spawn } from 'node:child_process';
import { open, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { runProgram } from '../../support/run-program.ts';
import { docker } from './docker.ts';
import { exclusively } from './exclusive.ts';
import { folders } from './folders.ts';

/**
 * One Docker daemon for all test runs of this machine: the one that runs already, or else one of our own with a socket and a folder of its
 * own, which the last run that uses it ends. Where tests are killed it stays, and the next run takes it over.
 */

const ours = {
  host: `unix://${folders.run}/docker.sock`,
  pidFile: join(folders.run, 'docker.pid'),
  users: join(folders.run, 'users'),
  log: join(folders.run, 'dockerd.log'),
} as const;

const START_MS = 60_000;

/** Sets `DOCKER_HOST` for this process and resolves to what gives the daemon up again. */
export async function useDocker(): Promise<() => Promise<void>> {
  if (process.env['DOCKER_HOST'] !== undefined || (await answers())) return async () => {};
  process.env['DOCKER_HOST'] = ours.host;
  const me = join(ours.users, String(process.pid));
  await exclusively('docker', async () => {
    const runs = await answers();
    // Without a daemon nobody uses one: those are names of runs that were killed.
    if (!runs) await rm(ours.users, { recursive: true, force: true });
    await mkdir(ours.users, { recursive: true });
    await writeFile(me, '');
    if (!runs) await start();
  });
  return () =>
    exclusively('docker', async () => {
      await rm(me, { force: true });
      if ((await otherUsers()).length === 0) await stop();
    });
}

async function answers(): Promise<boolean> {
  return (
    (await runProgram('docker', ['version'], { env: { ...process.env } as Record<string, string> }))
      .exitCode === 0
  );
}

async function start(): Promise<void> {
  await rm(ours.pidFile, { force: true });
  await using log = await open(ours.log, 'w');
  const daemon = spawn(
    'dockerd',
    [
      `--host=${ours.host}`,
      `--pidfile=${ours.pidFile}`,
      `--data-root=${folders.cache}/docker`,
      `--exec-root=${folders.run}/exec`,
      '--log-level=warn',
    ],
    // In a session of its own: it outlives the run that started it where another one still uses it.
    { detached: true, stdio: ['ignore', log.fd, log.fd] },
  );
  daemon.unref();
  await eventually(
    async () => {
      if (!(await answers())) throw new Error(`dockerd does not answer: ${await readFile(ours.log, 'utf8')}`);
    },
    { withinMs: START_MS, everyMs: 100 },
  );
  // What a run has left behind that was killed. Nobody else is here now.
  for (const name of await readdir(folders.cache))
    if (name !== 'docker') await rm(join(folders.cache, name), { recursive: true });
  await docker(['container', 'prune', '--force']);
  await docker(['volume', 'prune', '--force']);
  // Every change of the source leaves layers of the product's image. Young ones make the next build short.
  await docker(['image', 'prune', '--force', '--filter', 'until=48h']);
}

async function stop(): Promise<void> {
  const pid = Number(await readFile(ours.pidFile, 'utf8'));
  process.kill(pid, 'SIGTERM');
  await eventually(
    () => {
      if (isAlive(pid)) throw new Error(`dockerd (${pid}) does not end: see ${ours.log}`);
    },
    { withinMs: START_MS, everyMs: 100 },
  );
}

async function otherUsers(): Promise<number[]> {
  return (await readdir(ours.users)).map(Number).filter(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

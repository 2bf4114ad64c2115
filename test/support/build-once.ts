import { chmod, copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { build } from '../../scripts/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built `tokenward.js`. */
    readonly program: string;
    /** The Node.js that runs it, at a path that every user can reach. */
    readonly node: string;
  }
}

/**
 * End-to-end tests run the program that users run, made from the source as it is now. In a folder of its own, which every user
 * can read: two test runs, or a daemon started by hand from `dist/`, do not pull the program from under each other.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-dist-'));
  const dist = join(folder, 'dist');
  await build(dist);
  await chmod(folder, 0o755);
  project.provide('program', join(dist, 'tokenward.js'));
  project.provide('node', await reachableNode(folder));
  return () => rm(folder, { recursive: true, force: true });
}

/** Only root becomes other users, to whom a checkout in a home folder is closed. */
async function reachableNode(folder: string): Promise<string> {
  if (process.geteuid?.() !== 0) return process.execPath;
  const path = join(folder, 'node');
  // another file system has no link to it
  await link(process.execPath, path).catch(() => copyFile(process.execPath, path));
  return path;
}

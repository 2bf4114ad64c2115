import { readdir, readFile } from 'node:fs/promises';

/** A keychain child that is running, as everyone on this host can see it (proc(5)). */
export interface ChildSighting {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** The keychain children that the process `parent` has started and that are still alive. */
export async function keychainChildren(parent: number): Promise<readonly ChildSighting[]> {
  const names = await readdir('/proc');
  const found = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => sight(Number(name), parent)),
  );
  return found.filter((child) => child !== null);
}

async function sight(pid: number, parent: number): Promise<ChildSighting | null> {
  try {
    const [status, commandLine, environment] = await Promise.all(
      ['status', 'cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    const isOurs =
      new RegExp(`^PPid:\\s${parent}$`, 'm').test(status ?? '') && commandLine?.includes('keychain-child');
    return isOurs ? { pid, commandLine: commandLine ?? '', environment: environment ?? '' } : null;
  } catch {
    // it ended while we looked
    return null;
  }
}

/** Whether the process runs; one that ended and waits for its parent to notice does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    return !/^State:\sZ/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // no such process
    return false;
  }
}

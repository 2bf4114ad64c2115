import { readdir, readFile } from 'node:fs/promises';

/** File descriptors of this process; null where there is no limit, or no /proc to ask. */
export interface Descriptors {
  readonly open: number | null;
  /** getrlimit(2), RLIMIT_NOFILE. */
  readonly limit: number | null;
}

export async function readDescriptors(): Promise<Descriptors> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8');
    const open = await readdir('/proc/self/fd'); // after it: the file above would count while it is read
    const [, limit] = /^Max open files +(\d+)/m.exec(limits) ?? [];
    return { open: open.length, limit: limit === undefined ? null : Number(limit) };
  } catch {
    return { open: null, limit: null }; // the kernel still bounds them, and every rotation proves what it needs
  }
}

/** How many file descriptors this process may still open; Infinity where nobody can tell. */
export async function freeDescriptors(): Promise<number> {
  const { open, limit } = await readDescriptors();
  return open === null || limit === null ? Infinity : limit - open;
}

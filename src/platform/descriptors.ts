import { readdir, readFile } from 'node:fs/promises';

/**
 * How many file descriptors this process may still open: its limit (getrlimit(2), RLIMIT_NOFILE) less what is open now.
 * Infinity where there is no limit, or no /proc to ask.
 */
export async function freeDescriptors(): Promise<number> {
  try {
    const [limits, open] = await Promise.all([
      readFile('/proc/self/limits', 'utf8'),
      readdir('/proc/self/fd'),
    ]);
    const [, limit] = /^Max open files +(\d+)/m.exec(limits) ?? [];
    return limit === undefined ? Infinity : Number(limit) - open.length;
  } catch {
    return Infinity; // the kernel still bounds it, and every rotation proves what it needs
  }
}

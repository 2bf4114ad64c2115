import { SystemError } from './system-error.ts';

/** One process to send a signal to. Both calls throw `SystemError`: ESRCH where it has ended, EPERM where it is not ours to signal. */
export interface ProcessHold {
  send(signal: number): void;
  close(): void;
}

/**
 * The process that has this number now; for kernels without pidfd_open(2), where it may have ended when the signal is sent, and
 * another process may have got its number. Throws as {@link ProcessHold.send}.
 */
export function processOfNumber(pid: number): ProcessHold {
  const send = (signal: number): void => {
    try {
      process.kill(pid, signal);
    } catch (error) {
      throw new SystemError('kill', (error as NodeJS.ErrnoException).code ?? 'unknown error');
    }
  };
  try {
    send(0);
  } catch (error) {
    if ((error as SystemError).code !== 'EPERM') throw error;
  }
  return { send, close: () => {} };
}

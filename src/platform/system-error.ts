/** A system call that failed, in the shape of Node's own errors, for the calls that we make past Node. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** The kernel's name for it, e.g. `EBADF`. */
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, code: string) {
    super(`${code}: ${syscall} failed`);
    this.syscall = syscall;
    this.code = code;
  }
}

/** The `code` of an error from Node or from a system call; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a call failed because this process, or the system, can open no more: that says nothing of the file that was meant. */
export function isOutOfDescriptors(errno: string | undefined): boolean {
  return errno === 'EMFILE' || errno === 'ENFILE';
}

/** What to do about a failed call on a file: `otherwise`, unless it is not the file's fault. */
export function remedyFor(errno: string, otherwise: string): string {
  if (!isOutOfDescriptors(errno)) return otherwise;
  return 'there are too many open files: close connections that clients keep, or raise LimitNOFILE';
}

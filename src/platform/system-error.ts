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

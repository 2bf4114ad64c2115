import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';

/** The one way to standard output, and the one for remarks beside it. */

/** Writes text that the user asked for; a line each. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Writes exactly this text. */
export function printBare(text: string): void {
  process.stdout.write(text);
}

/** Tells the user about progress, beside the output that a program may read. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * To be called before the first print; resolves by the function it returns, once all is written. That one rejects
 * `OUTPUT_FAILED` where it could not be, but a reader that has seen enough (`| head`) is no failure.
 */
export function watchOutput(): () => Promise<void> {
  const { stdout } = process;
  let failure: Error | null = null;
  stdout.on('error', (error) => {
    failure ??= error;
  });
  return async () => {
    await new Promise<void>((resolve) => void stdout.write('', () => resolve()));
    if (failure === null || errorCode(failure) === 'EPIPE') return;
    const reason = errorCode(failure) ?? 'unknown error';
    throw new TokenwardError(
      'OUTPUT_FAILED',
      `cannot write to standard output (${reason}); the output is not whole`,
      {
        cause: failure,
      },
    );
  };
}

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { TokenwardError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { onFirstLine } from './first-line.ts';
import type { KeychainAnswer, KeychainRequest } from './keychain-protocol.ts';

/** Asks the keychain through a child process that is given up at a deadline, however deep it hangs. */

/** How to start the child: `keychain-child.js` beside the program. */
export interface KeychainProgram {
  readonly execPath: string;
  readonly script: string;
}

export interface AskOptions {
  readonly program: KeychainProgram;
  /** Of this process; it tells where the user's D-Bus is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Milliseconds from the start of the child to its answer. */
  readonly deadlineMs: number;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Resolves to the child's answer. Rejects `STORE_HUNG` at the deadline, `STORE_UNAVAILABLE` where the child cannot be started
 * or ends without an answer, and with the signal's reason. The child is killed then and no longer holds up anything here.
 */
export async function askKeychain(
  request: KeychainRequest,
  options: AskOptions,
  signal: AbortSignal,
): Promise<KeychainAnswer> {
  signal.throwIfAborted();
  const child = start(options);
  const given = Promise.withResolvers<never>();
  const abort = () => given.reject(signal.reason);
  const cancelDeadline = options.clock.after(options.deadlineMs, () =>
    given.reject(hung(options.deadlineMs)),
  );
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([converse(child, request), given.promise]);
  } finally {
    cancelDeadline();
    signal.removeEventListener('abort', abort);
    letGo(child);
  }
}

function start({ program, env }: AskOptions): Child {
  try {
    return spawn(program.execPath, [program.script], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: childEnvironment(env),
    });
  } catch (error) {
    throw notStarted(error);
  }
}

function converse(child: Child, request: KeychainRequest): Promise<KeychainAnswer> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(notStarted(error)));
    child.on('close', (code, signalName) => reject(endedEarly(signalName ?? code)));
    // without a process there are no pipes, and `error` tells why
    if (child.pid === undefined) return;
    onFirstLine(child.stdout, (line) => resolve(parseAnswer(line)));
    // a child that is gone does not read; its `close` tells it
    child.stdin.on('error', () => {});
    // not ended: the end of its standard input tells the child that its parent is gone
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

async function parseAnswer(line: string): Promise<KeychainAnswer> {
  try {
    return JSON.parse(line) as KeychainAnswer;
  } catch (cause) {
    throw new TokenwardError(
      'STORE_UNAVAILABLE',
      'the helper process for the keychain gave no answer that makes sense; reinstall tokenward',
      { cause },
    );
  }
}

/** A process in the kernel's hands may take long to die: from here on nobody waits for it. */
function letGo(child: Child): void {
  child.kill('SIGKILL');
  child.unref();
  if (child.pid === undefined) return;
  child.stdin.destroy();
  child.stdout.destroy();
}

/** Settings of Node are meant for the daemon, and GLib's would write into the answer. */
const NOT_FOR_THE_CHILD = /^(NODE_|G_MESSAGES_DEBUG$)/;

/** Ours, with messages in English to tell failures by. */
function childEnvironment(env: AskOptions['env']): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !NOT_FOR_THE_CHILD.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C.UTF-8' };
}

function hung(deadlineMs: number): TokenwardError {
  const why = 'a prompt to unlock it waits on the desktop, or its daemon or D-Bus hangs';
  const message = `the keychain did not answer within ${deadlineMs} ms: ${why}; unlock it, or restart gnome-keyring-daemon`;
  return new TokenwardError('STORE_HUNG', message, { fields: { deadlineMs } });
}

function notStarted(cause: unknown): TokenwardError {
  const message =
    'the helper process for the keychain could not be started; see to the limits of processes and memory';
  return new TokenwardError('STORE_UNAVAILABLE', message, { cause });
}

function endedEarly(how: string | number | null): TokenwardError {
  const message = `the helper process for the keychain ended without an answer (${how}); see to the memory of the host and try again`;
  return new TokenwardError('STORE_UNAVAILABLE', message, { fields: { ended: how } });
}

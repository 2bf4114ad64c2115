import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, inject } from 'vitest';
import { eventually } from './eventually.ts';
import { commandLine, plainEnv, type Ran, type RunOptions } from './run-program.ts';

/** A line of the daemon's log. */
export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface DaemonOptions extends Omit<RunOptions, 'stdin'> {
  /** Descriptors that it gets as 3, 4 and so on. */
  readonly passed?: readonly number[];
}

/** Milliseconds that something may take on a busy machine before a test calls it broken. */
const patienceMs = 20_000;

/** Milliseconds that a daemon gets for its end when a test is over. */
const graceMs = 3_000;

/** `tokenward run` as a process of its own. Disposing ends it where it still runs. */
export class Daemon implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #stdout = '';
  #stderr = '';

  constructor(program: string, args: readonly string[], options: DaemonOptions = {}) {
    const { env = plainEnv, uid, gid, cwd, through, passed = [] } = options;
    const child = spawn(...commandLine(inject('node'), [program, 'run', ...args], through), {
      stdio: ['ignore', 'pipe', 'pipe', ...passed],
      env,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      ...(cwd !== undefined && { cwd }),
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#process = child;
    this.#ended = once(child, 'close');
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** All that it has written so far. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Every whole line of its log so far; throws where one is no JSON. */
  get log(): readonly LogLine[] {
    const lines = this.#stdout.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines of one event, such as `exchange-granted`. */
  events(event: string): readonly LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Resolves to the first line of the event that has these fields, once there is one. */
  async logged(event: string, fields: object = {}): Promise<LogLine> {
    const wanted = expect.objectContaining(fields) as unknown;
    return eventually(
      () => {
        const lines = this.events(event);
        expect(lines, this.output).toContainEqual(wanted);
        return lines.find((line) =>
          (wanted as { asymmetricMatch(line: LogLine): boolean }).asymmetricMatch(line),
        )!;
      },
      { withinMs: patienceMs },
    );
  }

  /** It runs, and listens. */
  async started(): Promise<void> {
    await this.logged('started');
  }

  /** From now on nobody reads what it writes. */
  abandonLog(): void {
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  /** Sends the signal and resolves when the process has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ran> {
    this.signal(signal);
    return this.ended();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when the process has ended, for whatever reason. */
  async ended(): Promise<Ran> {
    await this.#ended;
    const { exitCode, signalCode } = this.#process;
    return { exitCode, signal: signalCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** In good order, which takes its locks away too; a process that does not take SIGTERM is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const impatience = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.end('SIGTERM');
    clearTimeout(impatience);
  }
}

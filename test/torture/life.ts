import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kill } from './plan.ts';
import { environment, monotonicMs } from './points.ts';
import type { Site } from './site.ts';

const instrumentation = join(import.meta.dirname, 'fixtures/kill-points.ts');
/** Milliseconds until a daemon listens, on a busy machine. */
const startPatienceMs = 30_000;
/** Milliseconds until a point that is passed too seldom is given up, and the driver kills. */
const pointPatienceMs = 5_000;

/** The daemon, from its start to its end. */
export class Life implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #site: Site;
  /** Aborted as soon as the process has ended. */
  readonly over: AbortSignal;
  readonly #ended: Promise<unknown>;
  #endedAtMs = 0;

  /** Without a `kill` nothing ends it but {@link Life.end}, and disposing. */
  constructor(site: Site, kill: Kill | null) {
    const log = openSync(site.logFile, 'w');
    const child = spawn(
      site.node,
      ['--import', instrumentation, site.program, 'run', '--config', site.configFile],
      {
        // the end of the pipe tells the daemon that its driver is gone
        stdio: ['pipe', log, log],
        // Ctrl-C is for the driver only
        detached: true,
        env: {
          PATH: process.env['PATH'] ?? '',
          [environment.sideLog]: site.sideLogFile,
          ...(kill?.at === 'point' && { [environment.killAt]: `${kill.point}#${kill.occurrence}` }),
        },
      },
    );
    closeSync(log);
    const over = new AbortController();
    this.over = over.signal;
    this.#process = child;
    this.#site = site;
    child.once('exit', () => {
      this.#endedAtMs = monotonicMs();
      over.abort();
    });
    this.#ended = once(child, 'exit');
    // whoever waits for the start learns that it failed
    if (kill !== null) void this.#killedAsPlanned(kill).catch(() => {});
  }

  /** Milliseconds of the clock in `points.ts`. */
  get endedAtMs(): number {
    return this.#endedAtMs;
  }

  /** The exit code, or the signal that ended the process; null while it runs. */
  get outcome(): number | NodeJS.Signals | null {
    const { exitCode, signalCode } = this.#process;
    return signalCode ?? exitCode;
  }

  /** All that it has written. */
  get log(): string {
    return readFileSync(this.#site.logFile, 'utf8');
  }

  /** Resolves when it listens, or has ended. Rejects where neither comes. */
  async ready(): Promise<void> {
    const deadline = monotonicMs() + startPatienceMs;
    while (!this.over.aborted) {
      if (await this.#listens()) return;
      if (monotonicMs() > deadline) throw new Error(`the daemon does not listen:\n${this.log}`);
      await pause(10);
    }
  }

  /** Resolves when the process has ended, for whatever reason. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#process.kill(signal);
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end('SIGKILL');
  }

  async #killedAsPlanned(kill: Kill): Promise<void> {
    if (kill.at === 'point' || kill.from === 'ready') await this.ready();
    // a process that ends earlier ends the pause, too
    await pause(kill.at === 'point' ? pointPatienceMs : kill.afterMs, null, { signal: this.over }).catch(
      () => {},
    );
    this.#process.kill('SIGKILL');
  }

  async #listens(): Promise<boolean> {
    try {
      await this.#site.client.statuses();
      return true;
    } catch {
      return false; // not yet, or not any more
    }
  }
}

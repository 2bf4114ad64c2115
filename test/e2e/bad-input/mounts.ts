import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Installation } from '../../support/installation.ts';

/**
 * Mounts that only the programs started in here see (unshare(1), mount_namespaces(7)); they go with the last of them. A
 * process that waits for the end of its input keeps them meanwhile, so that nothing is left even if the test is killed.
 */
export class Mounts implements AsyncDisposable {
  readonly #keeper: ChildProcess;
  /** The root folder of the programs, as the test sees it. */
  readonly #root: string;
  readonly #started: ChildProcess[] = [];

  private constructor(keeper: ChildProcess, root: string) {
    this.#keeper = keeper;
    this.#root = `/proc/${keeper.pid}/root${root}`;
  }

  /** `script` mounts what is wanted, with `args` as `$1` and so on; the programs see `root` as theirs. Needs root. */
  static async create(script: string, args: readonly string[], root = ''): Promise<Mounts> {
    const whole = `set -eu\n${script}\necho ready\nexec cat`;
    const flags = ['--mount', '--propagation', 'private'];
    const keeper = spawn('unshare', [...flags, 'sh', '-c', whole, 'sh', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'close')])) as [unknown];
    if (String(said) !== 'ready\n') throw new Error('the mounts could not be made');
    return new Mounts(keeper, root);
  }

  /** Where the test itself finds a file as the programs see it. */
  path(path: string): string {
    return `${this.#root}${path}`;
  }

  /** What programs are started through, so that they see the mounts (nsenter(1)). */
  get through(): readonly string[] {
    return [
      'nsenter',
      '--target',
      String(this.#keeper.pid),
      '--mount',
      `--root=${this.#root}/`,
      '--wd=/',
      '--',
    ];
  }

  /** Starts the installation's daemon in here; resolves to what ends it. */
  run({ program, configFile, env }: Installation): () => Promise<void> {
    const [enter = '', ...flags] = this.through;
    const daemon = spawn(enter, [...flags, process.execPath, program, 'run', '--config', configFile], {
      stdio: 'ignore',
      env,
    });
    this.#started.push(daemon);
    return () => end(daemon, 'SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of [...this.#started, this.#keeper]) await end(process, 'SIGKILL');
  }
}

async function end(process: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill(signal);
  await ended;
}

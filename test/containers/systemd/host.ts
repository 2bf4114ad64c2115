import { eventually } from '../../support/eventually.ts';
import { runProgram, type Ran } from '../../support/run-program.ts';
import { systemdImage, systemdOptions } from '../support/base-images.ts';
import { docker, dockerEnv } from '../support/docker.ts';

/** How tokenward comes onto a host, and goes. */
export interface WayOfInstallation {
  /** Arguments of `docker run`, such as folders that are mounted. */
  readonly options: readonly string[];
  /** The program on the command line. */
  readonly program: string;
  /** Where the examples of drop-ins are. */
  readonly examples: string;
  install(host: SystemdHost): Promise<void>;
}

/** Milliseconds that something may take on a busy machine before a test calls it broken. */
const patience = { withinMs: 60_000, everyMs: 100 };

/** A container in which systemd is process 1, as on a log host. Disposing removes it. */
export class SystemdHost implements AsyncDisposable {
  readonly #id: string;
  readonly #way: WayOfInstallation;

  private constructor(id: string, way: WayOfInstallation) {
    this.#id = id;
    this.#way = way;
  }

  /** Booted, with tokenward installed and nothing of it enabled. */
  static async boot(way: WayOfInstallation): Promise<SystemdHost> {
    // The state folder may not be on the container's own file system, which goes with it.
    const options = [...systemdOptions, '--volume=/var/lib', ...way.options];
    const id = await docker(['run', '--detach', ...options, await systemdImage()]);
    const host = new SystemdHost(id, way);
    await eventually(() => host.run('systemctl', 'is-system-running'), patience);
    await way.install(host);
    return host;
  }

  /** Runs a program to its end, however that turns out. */
  try(...command: readonly string[]): Promise<Ran> {
    return runProgram('docker', ['exec', this.#id, ...command], { env: dockerEnv() });
  }

  /** Runs a program and resolves to what it printed; rejects with what it said where it fails. */
  run(...command: readonly string[]): Promise<string> {
    return docker(['exec', this.#id, ...command]);
  }

  /** Runs a script of the shell. */
  shell(script: string): Promise<string> {
    return this.run('bash', '-euo', 'pipefail', '-c', script);
  }

  tokenward(...args: readonly string[]): Promise<Ran> {
    return this.try(this.#way.program, ...args);
  }

  async write(path: string, text: string): Promise<void> {
    const script = 'mkdir -p "${0%/*}" && cat > "$0.new" && mv "$0.new" "$0"';
    await docker(['exec', '--interactive', this.#id, 'sh', '-c', script, path], { stdin: text });
  }

  /** A drop-in of a unit, in force from its next start on. */
  async dropIn(unit: string, name: string, text: string): Promise<void> {
    await this.write(`/etc/systemd/system/${unit}.d/${name}`, text);
    await this.run('systemctl', 'daemon-reload');
  }

  async property(unit: string, name: string): Promise<string> {
    return this.run('systemctl', 'show', '--value', `--property=${name}`, unit);
  }

  /** Waits until a property of the unit fits. */
  async reaches(unit: string, name: string, pattern: RegExp): Promise<void> {
    await eventually(async () => {
      const value = await this.property(unit, name);
      if (!pattern.test(value))
        throw new Error(`${unit}: ${name} is ${value}\n${await this.run('journalctl', '-n40', '-u', unit)}`);
    }, patience);
  }

  /** The daemon's lines of one event. */
  async events(event: string): Promise<readonly string[]> {
    const lines = await this.run('journalctl', '--unit=tokenward.service', '--output=cat');
    return lines.split('\n').filter((line) => line.includes(`"event":"${event}"`));
  }

  async agent(
    name: string,
  ): Promise<{ readonly state: string; readonly secret: { readonly generation: number } }> {
    const { stdout, stderr } = await this.tokenward('status', name, '--json');
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Awaited<ReturnType<SystemdHost['agent']>>;
  }

  /** Waits until the daemon says so of its agent. */
  async agentReaches(name: string, state: string): Promise<void> {
    await eventually(async () => {
      const found = await this.agent(name);
      if (found.state !== state) throw new Error(`${name} is ${JSON.stringify(found)}`);
    }, patience);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.#id]);
  }
}

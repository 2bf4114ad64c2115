import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonClient } from '../../../src/client/daemon-client.ts';
import { Daemon, type DaemonOptions } from '../../support/daemon.ts';
import type { Installation } from '../../support/installation.ts';
import type { Ran, RunOptions } from '../../support/run-program.ts';

/** What is changed of a configuration; the rest stays as it is. */
interface ConfigText {
  readonly state_dir: string;
  readonly agents: Readonly<Record<string, unknown>>;
  readonly listeners: readonly { readonly unix?: string }[];
}

/** A second configuration of one installation, with a socket of its own. */
export class Variant {
  readonly configFile: string;
  readonly client: DaemonClient;
  readonly #site: Installation;

  private constructor(site: Installation, configFile: string, socket: string) {
    this.#site = site;
    this.configFile = configFile;
    this.client = new DaemonClient(socket);
  }

  static async create(
    site: Installation,
    name: string,
    change: (usual: ConfigText) => Partial<ConfigText> = () => ({}),
  ): Promise<Variant> {
    const usual = JSON.parse(await readFile(site.configFile, 'utf8')) as ConfigText;
    const socket = join(site.folder, `${name}.sock`);
    const listeners = usual.listeners.map((listener) =>
      listener.unix === undefined ? listener : { ...listener, unix: socket },
    );
    const configFile = join(site.folder, `${name}.yaml`);
    const text = JSON.stringify({ ...usual, listeners, ...change(usual) });
    await writeFile(configFile, text, { mode: 0o600 });
    return new Variant(site, configFile, socket);
  }

  /** Starts a daemon; the installation ends it. */
  run(options: DaemonOptions = {}): Daemon {
    const { program, env, daemons } = this.#site;
    const daemon = new Daemon(program, ['--config', this.configFile], { env, ...options });
    daemons.push(daemon);
    return daemon;
  }

  /** Runs a command to its end. */
  cli(args: readonly string[], stdin?: string, options: RunOptions = {}): Promise<Ran> {
    return this.#site.cli([...args, '--config', this.configFile], { ...options, stdin });
  }
}

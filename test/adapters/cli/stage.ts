import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { plainEnv } from '../../support/run-program.ts';

/** A folder with a configuration, and the program as a process that uses it. */

export const main = join(import.meta.dirname, '../../../src/main.ts');

/** A process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** For standard input, which is closed after it. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface StageOptions {
  /** Of the server; nobody listens at the default. */
  readonly url?: string;
  /** PEM of the authority that the server's certificate is from. */
  readonly ca?: string;
  /** YAML of the secret store. */
  readonly store?: string;
  /** YAML of the listeners; by default one socket, {@link Stage.socket}. */
  readonly listeners?: string;
  /** Further YAML of the agent. */
  readonly agent?: string;
  /** YAML of the channels of alerts. */
  readonly alerts?: string;
}

export class Stage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-cli-'));
  readonly config = this.path('config.yaml');
  readonly socket = this.path('daemon.sock');

  constructor({
    url = 'http://127.0.0.1:9',
    ca,
    store = '{ store: file }',
    listeners,
    agent = '',
    alerts = '[]',
  }: StageOptions = {}) {
    if (ca !== undefined) this.write('ca.pem', ca);
    const tls = ca === undefined ? '' : 'tls: { ca_file: ./ca.pem },';
    const socket = `[{ unix: ${this.socket}, allow: [{ user: "${process.geteuid?.()}", may: [token, status, admin] }] }]`;
    this.write(
      'config.yaml',
      `state_dir: ./state
allow_ephemeral: true
agents:
  web-01: { provider: vcf-logs, url: "${url}", ${tls} secret: ${store}, ${agent} }
  web-02: { provider: vcf-logs, url: "${url}", ${tls} secret: { store: memory } }
listeners: ${listeners ?? socket}
alerts: ${alerts}
`,
    );
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Gives the file's path. */
  write(name: string, content: string, mode = 0o600): string {
    writeFileSync(this.path(name), content, { mode });
    return this.path(name);
  }

  /** Starts the program with this stage's configuration. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [main, ...args], {
      cwd: this.folder,
      env: { ...plainEnv, TOKENWARD_CONFIG: this.config, ...env },
    });
  }

  async run(args: readonly string[], { input = '', env = {} }: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, env);
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
    return ended(child);
  }

  /** Runs a line of shell in which `$NODE` and `$MAIN` are the program. */
  shell(line: string): Promise<Ended> {
    const env = {
      ...plainEnv,
      TOKENWARD_CONFIG: this.config,
      NODE: process.execPath,
      MAIN: main,
    };
    return ended(spawn('bash', ['--norc', '-c', line], { cwd: this.folder, env }));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout, stderr };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string };
}

/** Debian's Alertmanager on a port of the loopback, telling nobody. Its files are in a folder of the caller's. */
export class Alertmanager implements AsyncDisposable {
  readonly url: string;
  readonly #child: ReturnType<typeof spawn>;

  private constructor(url: string, child: ReturnType<typeof spawn>) {
    this.url = url;
    this.#child = child;
  }

  /** It may take a moment until it answers. */
  static async start(folder: string, givenPort?: number): Promise<Alertmanager> {
    const port = givenPort ?? (await freePort());
    const config = join(folder, 'alertmanager.yaml');
    await mkdir(join(folder, 'alertmanager'));
    await writeFile(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
    const args = [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ];
    const child = spawn('prometheus-alertmanager', args, { stdio: 'ignore' });
    return new Alertmanager(`http://127.0.0.1:${port}`, child);
  }

  /** What stands there now for an agent. Rejects while it does not answer. */
  async known(agent: string, code: string): Promise<readonly KnownAlert[]> {
    const answer = await fetch(`${this.url}/api/v2/alerts?filter=agent="${agent}"`);
    const alerts = (await answer.json()) as readonly KnownAlert[];
    return alerts.filter(({ labels }) => labels['alertname'] === code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

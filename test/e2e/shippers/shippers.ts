import { appendFile, chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import type { RecipeTrial } from './recipe-trial.ts';
import { ShipperProcess } from './shipper-process.ts';

/** Log shippers that run by a recipe, each fed in the way that it collects. */

export interface Shipper extends AsyncDisposable {
  readonly agent: string;
  readonly process: ShipperProcess;
  /** Milliseconds between two events that it is given. */
  readonly everyMs: number;
  /** Gives it an event to deliver. */
  feed(event: string): Promise<void>;
}

const usualEveryMs = 50;
/** Milliseconds between two tries of a client, and after which it gives an event up: far more than a restart of the daemon takes. */
const againMs = 100;
const mostMs = 30_000;
/** A process and a connection for each event take their time. */
const everyMsForCurl = 200;

/** The script of the page, which is fed through its spool folder. */
export async function startCurl(trial: RecipeTrial): Promise<Shipper> {
  const script = trial.adapt('/usr/local/bin/send-spool');
  const spool = trial.adapt('/var/spool/web-01');
  await mkdir(spool, { recursive: true });
  await chmod(script, 0o700);
  let count = 0;
  const feed = async (event: string): Promise<void> => {
    const name = String((count += 1)).padStart(6, '0');
    await writeFile(`${spool}.${name}`, JSON.stringify([{ text: event }]));
    await rename(`${spool}.${name}`, `${spool}/${name}.json`);
  };
  return { ...shipper(trial, new ShipperProcess('bash', [script]), feed), everyMs: everyMsForCurl };
}

/** syslog-ng, which follows a log file. */
export async function startSyslogNg(trial: RecipeTrial): Promise<Shipper> {
  const log = trial.adapt('/var/log/app.log');
  const own = trial.adapt('/run/syslog-ng');
  await mkdir(trial.adapt('/var/log'), { recursive: true });
  await mkdir(own);
  await writeFile(log, '');
  await writeFile(
    `${own}/syslog-ng.conf`,
    `@version: 3.38\n@include "${trial.adapt('/etc/syslog-ng/conf.d/web-01.conf')}"\n`,
  );
  const process = new ShipperProcess('syslog-ng', [
    '--foreground',
    '--no-caps',
    '--stderr',
    `--cfgfile=${own}/syslog-ng.conf`,
    `--persist-file=${own}/persist`,
    `--pidfile=${own}/pid`,
    `--control=${own}/control`,
  ]);
  return shipper(trial, process, (event) => appendFile(log, `${event}\n`));
}

/** nginx, which is fed by clients that send again what it did not take. */
export async function startNginx(trial: RecipeTrial): Promise<Shipper & { readonly statuses: Set<number> }> {
  const own = trial.adapt('/var/lib/nginx');
  await mkdir(own, { recursive: true });
  await writeFile(
    `${own}/nginx.conf`,
    `daemon off;
pid ${trial.adapt('/run/nginx.pid')};
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
  include ${trial.adapt('/etc/nginx/conf.d/logs.conf')};
}
`,
  );
  // the workers of root would be another user's, whom the proxy does not know
  const user = process.geteuid?.() === 0 ? ['-g', `user ${userInfo().username};`] : [];
  const nginx = new ShipperProcess('nginx', ['-e', 'stderr', '-p', own, '-c', `${own}/nginx.conf`, ...user]);
  const url = trial.adapt('http://127.0.0.1:8480/api/v2/events');
  const statuses = new Set<number>();
  const feed = (event: string): Promise<void> => {
    const body = JSON.stringify([{ text: event }]);
    return eventually(
      async () => {
        const status = await postOnce(url, body);
        if (status !== null) statuses.add(status);
        if (!nginx.hasEnded) expect(status).toBe(200);
      },
      { withinMs: mostMs, everyMs: againMs },
    );
  };
  return { ...shipper(trial, nginx, feed), statuses };
}

/** The status of the answer; null without one, such as on a connection that nginx closed when it was reloaded. */
async function postOnce(url: string, body: string): Promise<number | null> {
  try {
    const answer = await fetch(url, { method: 'POST', body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

function shipper({ agent }: RecipeTrial, process: ShipperProcess, feed: Shipper['feed']): Shipper {
  return {
    agent,
    process,
    feed,
    everyMs: usualEveryMs,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Prometheus with the page's scrape configuration. */
export class Prometheus implements AsyncDisposable {
  readonly agent: string;
  readonly process: ShipperProcess;
  readonly #url: string;

  private constructor(agent: string, process: ShipperProcess, url: string) {
    this.agent = agent;
    this.process = process;
    this.#url = url;
  }

  static async start(trial: RecipeTrial): Promise<Prometheus> {
    const address = `127.0.0.1:${await freePort()}`;
    const process = new ShipperProcess('prometheus', [
      `--config.file=${trial.adapt('/etc/prometheus/prometheus.yml')}`,
      `--storage.tsdb.path=${trial.adapt('/var/lib/prometheus')}`,
      `--web.listen-address=${address}`,
    ]);
    return new Prometheus(trial.agent, process, `http://${address}`);
  }

  /** The value of a query that has one. */
  async query(query: string): Promise<number> {
    const answer = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

import { writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Installation } from '../../support/installation.ts';
import { Scrape } from '../../support/prometheus/scrape.ts';

/** A daemon that Prometheus can scrape over TCP, in front of a server whose secrets survive a replay. */
export class MeteredSite implements AsyncDisposable {
  readonly installation: Installation;
  readonly url: string;

  private constructor(installation: Installation, port: number) {
    this.installation = installation;
    this.url = `http://127.0.0.1:${port}/metrics`;
  }

  static async create(): Promise<MeteredSite> {
    const [port, proxyPort] = [await freePort(), await freePort()];
    const installation = await Installation.create({
      emulator: { policy: 'grace' },
      config: {
        agent: { exchange_deadline: '1s', hooks: [{ exec: ['/bin/true'] }] },
        listeners: [{ tcp: `127.0.0.1:${port}`, serves: ['health', 'metrics'] }],
        top: { proxies: [{ listen: `127.0.0.1:${proxyPort}`, agent: 'web-01', peer: { user: 'root' } }] },
      },
    });
    return new MeteredSite(installation, port);
  }

  async scrapeText(): Promise<string> {
    const response = await fetch(this.url);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return response.text();
  }

  async scrape(): Promise<Scrape> {
    return new Scrape(await this.scrapeText());
  }

  /** How often each step has succeeded. */
  async steps(): Promise<Readonly<Record<string, number>>> {
    return (await this.scrape()).by('step', 'tokenward_rotation_steps_total', 'web-01');
  }

  /** Somebody else writes into the token file, and the daemon mends it. */
  async tamper(): Promise<void> {
    const { tokenFile } = this.installation;
    const token = await this.installation.token();
    await this.installation.tokenFileHolds(token);
    await eventually(async () => {
      await writeFile(tokenFile, 'forged');
      const scrape = await this.scrape();
      expect(scrape.value('tokenward_token_file_tampered_total')).toBeGreaterThan(0);
    });
    await this.installation.tokenFileHolds(token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.installation[Symbol.asyncDispose]();
  }
}

import { expect, it } from 'vitest';
import { reportArguments, takeReport } from '../support/api/curl-report.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Installation } from '../support/installation.ts';
import { describePart } from '../support/parts.ts';
import { runProgram } from '../support/run-program.ts';

/** What a supervisor and Prometheus see over TCP. */

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(port: number, path: string): Promise<Answer> {
  const url = `http://127.0.0.1:${port}${path}`;
  const written = await runProgram('curl', ['-sS', ...reportArguments, url]);
  const { status, body } = takeReport(written, path).answer ?? { status: 0, body: '' };
  return { status, body };
}

/** The value of one line of the text format. */
function sample(metrics: string, name: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

describePart(['curl'], 'health and metrics over TCP', () => {
  it('tell alive from ready, and count what was done', async () => {
    const port = await freePort();
    const listeners = [{ tcp: `127.0.0.1:${port}`, serves: ['health', 'metrics'] }];
    await using site = await Installation.create({ config: { listeners } });
    await site.run().started();
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503 });

    await site.provision();
    await eventually(async () => expect(await ask(port, '/readyz')).toMatchObject({ status: 200 }));
    expect((await site.cli(['refresh', 'web-01'])).exitCode).toBe(0);
    const { token } = await site.reaches({ state: 'active', secret: { generation: 2 } });

    const { status, body } = await ask(port, '/metrics');
    expect(status).toBe(200);
    expect(sample(body, 'tokenward_secret_generation{agent="web-01"}')).toBe(2);
    expect(sample(body, 'tokenward_exchanges_total{agent="web-01",outcome="granted"}')).toBe(2);
    expect(sample(body, 'tokenward_exchange_duration_seconds_count{agent="web-01"}')).toBe(2);
    expect(sample(body, 'tokenward_persist_duration_seconds_count{agent="web-01"}')).toBe(2);
    const expiry = sample(body, 'tokenward_token_expiry_timestamp_seconds{agent="web-01"}');
    expect(expiry).toBe(Date.parse(token.expires_at ?? '') / 1000);
    expect(body).toMatch(/^tokenward_build_info\{[^}]*version="\d+\.\d+\.\d+"[^}]*\} 1$/m);
  });

  it('give no token, whatever path is asked for', async () => {
    const port = await freePort();
    const listeners = [{ tcp: `127.0.0.1:${port}`, serves: ['health', 'metrics'] }];
    await using site = await Installation.create({ config: { listeners } });
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    const paths = ['/v1/token', '/v1/agents/web-01/token', '/v1/agents', '/v1/agents/web-01', '/'];
    for (const path of paths) {
      const { status, body } = await ask(port, path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(body.includes(token)).toBe(false);
    }
  });
});

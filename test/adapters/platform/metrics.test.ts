import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMetrics, type AgentGauges, type Metrics } from '../../../src/platform/metrics.ts';

const web: AgentGauges = { agent: 'web-01', state: 'active', generation: 7, tokenExpiresAt: 1_767_225_600.5 };

async function scrape(
  agents: readonly AgentGauges[] = [],
  record: (metrics: Metrics) => void = () => {},
): Promise<string[]> {
  const metrics = createMetrics({ version: '1.2.3', agents: () => agents });
  record(metrics);
  return (await metrics.render()).split('\n');
}

describe('a scrape', () => {
  it('tells the build, and a help and a type for each metric', async () => {
    const lines = await scrape();
    expect(lines).toContain(`tokenward_build_info{version="1.2.3",node="${process.version}"} 1`);
    const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(names).toEqual([
      'tokenward_token_expiry_timestamp_seconds',
      'tokenward_secret_generation',
      'tokenward_agent_state',
      'tokenward_exchanges_total',
      'tokenward_exchange_duration_seconds',
      'tokenward_persist_duration_seconds',
      'tokenward_http_requests_total',
      'tokenward_build_info',
    ]);
    expect(lines.filter((line) => line.startsWith('# HELP'))).toHaveLength(names.length);
  });

  it('tells the agents as they are now', async () => {
    const lines = await scrape([
      web,
      { ...web, agent: 'db-01', state: 'acquiring', generation: 0, tokenExpiresAt: null },
    ]);
    expect(lines).toContain('tokenward_token_expiry_timestamp_seconds{agent="web-01"} 1767225600.5');
    expect(lines.join()).not.toContain('tokenward_token_expiry_timestamp_seconds{agent="db-01"}');
    expect(lines).toContain('tokenward_secret_generation{agent="web-01"} 7');
    expect(lines).toContain('tokenward_agent_state{agent="web-01",state="active"} 1');
    expect(lines).toContain('tokenward_agent_state{agent="web-01",state="revoked"} 0');
    expect(lines).toContain('tokenward_agent_state{agent="db-01",state="acquiring"} 1');
  });

  it('counts what happened before, and what happens between two', async () => {
    const metrics = createMetrics({ version: '1', agents: () => [] });
    metrics.request('/v1/agents/{agent}', 200);
    metrics.request('/v1/agents/{agent}', 200);
    metrics.exchange('web-01', 'granted', 0.02);
    expect(await metrics.render()).toContain(
      'tokenward_http_requests_total{route="/v1/agents/{agent}",status="200"} 2\n',
    );
    metrics.request('/v1/agents/{agent}', 503);
    metrics.exchange('web-01', 'refused', 0.2);
    const lines = (await metrics.render()).split('\n');
    expect(lines).toContain('tokenward_http_requests_total{route="/v1/agents/{agent}",status="200"} 2');
    expect(lines).toContain('tokenward_http_requests_total{route="/v1/agents/{agent}",status="503"} 1');
    expect(lines).toContain('tokenward_exchanges_total{agent="web-01",outcome="granted"} 1');
    expect(lines).toContain('tokenward_exchanges_total{agent="web-01",outcome="refused"} 1');
    expect(lines).toContain('tokenward_exchange_duration_seconds_count{agent="web-01"} 2');
  });

  it('has cumulative histograms', async () => {
    const lines = await scrape([], (metrics) => {
      for (const seconds of [0.0002, 0.00025, 0.003, 2]) metrics.persisted('web-01', seconds);
    });
    const bucket = (le: string): string | undefined =>
      lines.find((line) => line.startsWith(`tokenward_persist_duration_seconds_bucket{le="${le}",`));
    expect(bucket('0.00025')).toMatch(/ 2$/);
    expect(bucket('0.0025')).toMatch(/ 2$/);
    expect(bucket('0.005')).toMatch(/ 3$/);
    expect(bucket('1')).toMatch(/ 3$/);
    expect(bucket('+Inf')).toMatch(/ 4$/);
    expect(lines).toContain('tokenward_persist_duration_seconds_sum{agent="web-01"} 2.00345');
    expect(lines).toContain('tokenward_persist_duration_seconds_count{agent="web-01"} 4');
  });

  it('is what loads prom-client', async () => {
    const program = `
      const { createMetrics } = await import(process.argv[1]);
      const { createRequire } = await import('node:module');
      const loaded = () => Object.keys(createRequire(process.argv[1]).cache).some((path) => path.includes('prom-client'));
      const metrics = createMetrics({ version: '1', agents: () => [] });
      metrics.exchange('web-01', 'granted', 1);
      const before = loaded();
      await metrics.render();
      console.log(before, loaded());
    `;
    const module = join(import.meta.dirname, '../../../src/platform/metrics.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      program,
      module,
    ]);
    expect(stdout).toBe('false true\n');
  });
});

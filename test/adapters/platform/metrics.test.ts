import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AlertStatus } from '../../../src/domain/status.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { empty, gauges, linesOf, metricsOf, secretLost } from './fixtures/metrics.ts';

describe('a scrape', () => {
  it('tells the build, and a help and a type for each metric', async () => {
    const lines = await linesOf(metricsOf());
    expect(lines).toContain(`tokenward_build_info{version="1.2.3",node="${process.version}"} 1`);
    const named = (word: string) =>
      lines.filter((line) => line.startsWith(`# ${word} `)).map((line) => line.split(' ')[2]);
    expect(named('TYPE').length).toBeGreaterThan(30);
    expect(named('HELP')).toEqual(named('TYPE'));
  });

  it('tells the agents as they are now', async () => {
    const lines = await linesOf(metricsOf(() => [gauges('web-01'), empty]));
    const expiry = Date.UTC(2026, 0, 1) / 1000;
    expect(lines).toEqual(
      expect.arrayContaining([
        'tokenward_agent_info{agent="db-01",provider="vcf-logs",store="keychain"} 1',
        'tokenward_agent_state{agent="web-01",state="active"} 1',
        'tokenward_agent_state{agent="web-01",state="revoked"} 0',
        'tokenward_agent_state{agent="db-01",state="acquiring"} 1',
        'tokenward_token_valid{agent="web-01"} 1',
        'tokenward_token_valid{agent="db-01"} 0',
        `tokenward_token_expiry_timestamp_seconds{agent="web-01"} ${expiry}`,
        'tokenward_token_ttl_seconds{agent="web-01"} 1800',
        `tokenward_token_refresh_due_timestamp_seconds{agent="web-01"} ${expiry - 600}`,
        `tokenward_next_refresh_timestamp_seconds{agent="web-01"} ${expiry - 450}`,
        'tokenward_token_sequence{agent="web-01"} 9',
        'tokenward_secret_generation{agent="web-01"} 7',
        'tokenward_secret_persisted{agent="web-01"} 1',
        'tokenward_exchange_bucket_level{agent="web-01"} 5.5',
      ]),
    );
    const absent = ['token_expiry_timestamp', 'token_ttl', 'refresh_due', 'next_refresh', 'bucket_level'];
    const ofEmpty = lines.filter((line) => line.includes('agent="db-01"')).join('\n');
    for (const part of absent) expect(ofEmpty).not.toContain(part);
  });

  it('shows an alert that stands with 1, with 0 when it is over, and never one that never stood', async () => {
    let alerts: readonly AlertStatus[] = [];
    const metrics = metricsOf(() => [gauges('web-01', { alerts })]);
    expect(await metrics.render()).not.toContain('tokenward_alert_active{');
    const row = 'tokenward_alert_active{agent="web-01",code="SECRET_LOST_IN_FLIGHT",severity="critical"}';
    // two of a kind, as two token files may have them, are one row
    alerts = [secretLost, { ...secretLost, summary: 'another' }];
    expect(await linesOf(metrics)).toContain(`${row} 1`);
    alerts = [];
    expect(await linesOf(metrics)).toContain(`${row} 0`);
  });

  it('counts what happened before, and what happens between two', async () => {
    const metrics = metricsOf();
    metrics.request('/v1/agents/{agent}', 200);
    metrics.request('/v1/agents/{agent}', 200);
    const row = 'tokenward_http_requests_total{route="/v1/agents/{agent}",status=';
    expect(await linesOf(metrics)).toContain(`${row}"200"} 2`);
    metrics.request('/v1/agents/{agent}', 503);
    const lines = await linesOf(metrics);
    expect(lines).toContain(`${row}"200"} 2`);
    expect(lines).toContain(`${row}"503"} 1`);
  });

  it('counts connections up and down, and why some were turned away', async () => {
    const metrics = metricsOf();
    const unix = metrics.connections('unix');
    unix.opened();
    unix.opened();
    unix.closed();
    unix.refused('limit');
    const lines = await linesOf(metrics);
    expect(lines).toContain('tokenward_connections_open{listener="unix"} 1');
    expect(lines).toContain('tokenward_connections_open{listener="tcp"} 0');
    expect(lines).toContain('tokenward_connections_refused_total{listener="unix",reason="limit"} 1');
    expect(lines).toContain('tokenward_connections_refused_total{listener="tcp",reason="full"} 0');
  });

  it('tells whether the configuration in the file is the one in use', async () => {
    const clock = new ManualClock();
    const metrics = metricsOf(() => [], clock);
    const told = async () => (await linesOf(metrics)).filter((line) => line.startsWith('tokenward_config_'));
    const startedAt = clock.now().wallMs / 1000;
    expect(await told()).toEqual([
      'tokenward_config_reloads_total{result="applied"} 0',
      'tokenward_config_reloads_total{result="unchanged"} 0',
      'tokenward_config_reloads_total{result="rejected"} 0',
      'tokenward_config_last_reload_successful 1',
      `tokenward_config_last_reload_success_timestamp_seconds ${startedAt}`,
    ]);
    await clock.elapse(60_000);
    metrics.configReloaded('rejected');
    expect(await told()).toEqual(
      expect.arrayContaining([
        'tokenward_config_reloads_total{result="rejected"} 1',
        'tokenward_config_last_reload_successful 0',
        `tokenward_config_last_reload_success_timestamp_seconds ${startedAt}`,
      ]),
    );
    metrics.configReloaded('applied');
    expect(await told()).toEqual(
      expect.arrayContaining([
        'tokenward_config_last_reload_successful 1',
        `tokenward_config_last_reload_success_timestamp_seconds ${startedAt + 60}`,
      ]),
    );
  });

  it('tells of the process', async () => {
    const lines = await linesOf(metricsOf());
    const value = (name: string) =>
      Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length));
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10e6);
    expect(value('process_open_fds')).toBeGreaterThan(2);
    expect(value('process_max_fds')).toBeGreaterThan(value('process_open_fds'));
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_start_time_seconds')).toBeGreaterThan(1.7e9);
  });

  it('is what loads prom-client', async () => {
    const program = `
      const { createMetrics } = await import(process.argv[1]);
      const { createRequire } = await import('node:module');
      const loaded = () => Object.keys(createRequire(process.argv[1]).cache).some((path) => path.includes('prom-client'));
      const clock = { now: () => ({ bootId: '', bootMs: 0, wallMs: 0 }) };
      const metrics = createMetrics({ version: '1', clock, agents: () => [] });
      metrics.rotation('web-01').exchanged('granted', 1);
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

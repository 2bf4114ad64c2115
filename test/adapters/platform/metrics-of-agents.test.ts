import { describe, expect, it } from 'vitest';
import { gauges, linesOf, metricsOf, secretLost } from './fixtures/metrics.ts';

describe('the counters of an agent', () => {
  it('are there with 0 before anything has happened', async () => {
    const metrics = metricsOf();
    metrics.rotation('web-01');
    metrics.tokenFile('web-01', '/run/token');
    const lines = (await linesOf(metrics)).filter((line) => line.includes('agent="web-01"'));
    expect(lines).toContain('tokenward_rotation_steps_total{agent="web-01",step="secret-saved"} 0');
    expect(lines).toContain('tokenward_exchanges_total{agent="web-01",outcome="in-doubt"} 0');
    expect(lines).toContain('tokenward_exchange_duration_seconds_count{agent="web-01"} 0');
    expect(lines).toContain('tokenward_token_file_writes_total{agent="web-01",path="/run/token"} 0');
    expect(lines.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  it('count each in its row', async () => {
    const metrics = metricsOf();
    const meter = metrics.rotation('web-01');
    meter.done('request-sent');
    meter.done('request-sent');
    meter.failed('answer-received');
    meter.exchanged('refused', 0.2);
    for (const event of ['replayed', 'interrupted', 'recommitted'] as const) meter.happened(event);
    meter.happened('hand-over-stored');
    meter.happened('hand-over-refused');
    const file = metrics.tokenFile('web-01', '/run/token');
    file.written();
    file.written();
    file.failed();
    file.tampered();
    const rows = (await linesOf(metrics)).filter((line) => /^tokenward.* [1-9]\d*$/.test(line));
    expect(rows.filter((line) => !/_bucket|build_info|timestamp|successful/.test(line))).toEqual([
      'tokenward_rotation_steps_total{agent="web-01",step="request-sent"} 2',
      'tokenward_rotation_step_failures_total{agent="web-01",step="answer-received"} 1',
      'tokenward_exchanges_total{agent="web-01",outcome="refused"} 1',
      'tokenward_exchange_duration_seconds_count{agent="web-01"} 1',
      'tokenward_replays_total{agent="web-01"} 1',
      'tokenward_interrupted_exchanges_total{agent="web-01"} 1',
      'tokenward_secret_recommits_total{agent="web-01"} 1',
      'tokenward_hand_overs_total{agent="web-01",result="stored"} 1',
      'tokenward_hand_over_verdicts_total{agent="web-01",verdict="refused"} 1',
      'tokenward_token_file_writes_total{agent="web-01",path="/run/token"} 2',
      'tokenward_token_file_failures_total{agent="web-01",path="/run/token"} 1',
      'tokenward_token_file_tampered_total{agent="web-01",path="/run/token"} 1',
    ]);
  });

  it('have cumulative histograms', async () => {
    const metrics = metricsOf();
    for (const seconds of [0.0002, 0.00025, 0.003, 2]) metrics.rotation('web-01').persisted(seconds);
    const lines = await linesOf(metrics);
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

  it('end when the agent is forgotten, and begin at 0 when there is one of its name again', async () => {
    let agents = [gauges('web-01', { alerts: [secretLost] }), gauges('web-02')];
    const metrics = metricsOf(() => agents);
    const old = metrics.rotation('web-01');
    metrics.rotation('web-02').done('connected');
    metrics.tokenFile('web-01', '/run/token').written();
    old.done('connected');
    await metrics.render();
    metrics.forget('web-01');
    agents = [gauges('web-02')];
    // what still ends of the old one is seen by nobody
    old.done('connected');
    const text = await metrics.render();
    expect(text).not.toContain('web-01');
    expect(text).toContain('tokenward_rotation_steps_total{agent="web-02",step="connected"} 1');

    agents = [gauges('web-01'), gauges('web-02')];
    metrics.rotation('web-01').done('locks-held');
    const lines = await linesOf(metrics);
    expect(lines).toContain('tokenward_rotation_steps_total{agent="web-01",step="connected"} 0');
    expect(lines).toContain('tokenward_rotation_steps_total{agent="web-01",step="locks-held"} 1');
    expect(lines.join('\n')).not.toContain('tokenward_alert_active{');
  });
});

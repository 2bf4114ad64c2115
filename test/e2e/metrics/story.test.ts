import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describePart } from '../../support/parts.ts';
import { documentedMetrics } from '../../support/prometheus/metrics-page.ts';
import { complaintsAbout } from '../../support/prometheus/promql.ts';
import { MeteredSite } from './site.ts';
import { dashboardQueries, labelsForRules, ruleQueries, unusedMetrics } from './uses.ts';

/** One daemon through good and bad days, and what Prometheus sees of them; the tests follow one another. */

const steps = [
  'locks-held',
  'store-read',
  'preflight-passed',
  'connected',
  'intent-saved',
  'request-sent',
  'answer-received',
  'answer-saved',
  'answer-understood',
  'secret-saved',
  'session-saved',
  'token-published',
  'journal-closed',
];

/** So often each, except for those that are named. */
function eachStep(count: number, others: Readonly<Record<string, number>> = {}): Record<string, number> {
  return { ...Object.fromEntries(steps.map((step) => [step, count])), ...others };
}

describePart(['prometheus', 'curl'], 'the metrics of a daemon', () => {
  let site: MeteredSite;

  beforeAll(async () => {
    site = await MeteredSite.create();
    await site.installation.run().started();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('begin with 0 for everything that may happen to an agent', async () => {
    expect(await site.steps()).toEqual(eachStep(0));
    const scrape = await site.scrape();
    expect(Object.keys(await site.steps())).toEqual(steps);
    expect(scrape.by('outcome', 'tokenward_exchanges_total', 'web-01')).toMatchObject({
      granted: 0,
      refused: 0,
    });
    expect(scrape.value('tokenward_token_valid')).toBe(0);
    expect(scrape.value('tokenward_agent_state', { state: 'unprovisioned' })).toBe(1);
  });

  it('count every step of an enrolment and of a refresh', async () => {
    await site.installation.provision();
    await site.installation.reaches({ state: 'active' });
    await eventually(async () => expect(await site.steps()).toEqual(eachStep(1)));
    expect((await site.installation.cli(['refresh', 'web-01'])).exitCode).toBe(0);
    await eventually(async () => expect(await site.steps()).toEqual(eachStep(2)));
    const scrape = await site.scrape();
    expect(scrape.value('tokenward_hand_overs_total', { result: 'stored' })).toBe(1);
    expect(scrape.value('tokenward_hand_over_verdicts_total', { verdict: 'granted' })).toBe(1);
    expect(scrape.value('tokenward_exchange_duration_seconds_count')).toBe(2);
    expect(scrape.value('tokenward_persist_duration_seconds_count')).toBe(2);
    expect(scrape.value('tokenward_token_ttl_seconds')).toBe(1800);
    const left = scrape.value('tokenward_token_expiry_timestamp_seconds') - Date.now() / 1000;
    expect(left).toBeGreaterThan(1700);
    expect(left).toBeLessThanOrEqual(1801);
  });

  it('show where a rotation stopped: the request was sent, and no answer came', async () => {
    const { installation } = site;
    installation.emulator.addFault({ endpoint: 'exchange', kind: 'reset', when: 'after-commit', count: 1 });
    expect((await installation.cli(['refresh', 'web-01'])).exitCode).toBe(75);
    const stopped = await site.scrape();
    const done = stopped.by('step', 'tokenward_rotation_steps_total', 'web-01');
    expect(done).toMatchObject({ 'request-sent': 3, 'answer-received': 2, 'secret-saved': 2 });
    expect(stopped.value('tokenward_rotation_step_failures_total', { step: 'answer-received' })).toBe(1);
    expect(stopped.value('tokenward_exchanges_total', { outcome: 'in-doubt' })).toBe(1);
    expect(stopped.value('tokenward_alert_active', { code: 'IN_DOUBT' })).toBe(1);
    expect(stopped.value('tokenward_agent_state', { state: 'degraded' })).toBe(1);

    await installation.reaches({ state: 'active', alerts: [] });
    // the lost answer stays visible, and nothing else lags
    const replayed = eachStep(3, { 'request-sent': 4, 'journal-closed': 4 });
    for (const step of steps.slice(0, 5)) replayed[step] = 4;
    await eventually(async () => expect(await site.steps()).toEqual(replayed));
    const after = await site.scrape();
    expect(after.value('tokenward_replays_total')).toBe(1);
    expect(after.value('tokenward_alert_active', { code: 'IN_DOUBT' })).toBe(0);
  });

  it('show a page that something else answers as one that is not understood', async () => {
    const { installation } = site;
    const before = await site.steps();
    installation.emulator.addFault({ endpoint: 'exchange', kind: 'status', status: 502, body: 'html' });
    await installation.cli(['refresh', 'web-01']);
    const scrape = await site.scrape();
    expect(scrape.by('step', 'tokenward_rotation_steps_total', 'web-01')).toMatchObject({
      'answer-saved': before['answer-saved']! + 1,
      'answer-understood': before['answer-understood']!,
    });
    expect(scrape.value('tokenward_rotation_step_failures_total', { step: 'answer-understood' })).toBe(1);
    await installation.reaches({ state: 'active', alerts: [] });
  });

  it('show a token file that somebody else wrote', async () => {
    await site.tamper();
    const scrape = await site.scrape();
    expect(scrape.value('tokenward_alert_active', { code: 'FILE_TAMPERED' })).toBe(1);
    expect(scrape.value('tokenward_token_file_writes_total')).toBeGreaterThan(3);
  });

  it('show a revoked secret, and what is left of the token', async () => {
    const { installation } = site;
    // after a clean exchange: a secret that a replay brought would count as lost
    expect((await installation.cli(['refresh', 'web-01'])).exitCode).toBe(0);
    installation.emulator.revoke('web-01');
    const saved = (await site.steps())['secret-saved'];
    expect((await installation.cli(['refresh', 'web-01'])).exitCode).toBe(77);
    const scrape = await site.scrape();
    expect(scrape.value('tokenward_agent_state', { state: 'revoked' })).toBe(1);
    expect(scrape.value('tokenward_token_valid')).toBe(1);
    expect(scrape.value('tokenward_exchanges_total', { outcome: 'refused' })).toBeGreaterThan(0);
    expect(scrape.by('step', 'tokenward_rotation_steps_total', 'web-01')['secret-saved']).toBe(saved);
  });

  it('are those of docs/metrics.md, with their types, labels and meanings', async () => {
    const { metrics } = await site.scrape();
    const exported = [...metrics].map(([name, { type, help, samples }]) => ({
      name,
      type,
      help,
      labels: [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter(
        (each) => each !== 'le',
      ),
    }));
    expect(exported).toEqual(await documentedMetrics());
  });

  it('are the ones that the rules, their tests and the dashboard ask for, by labels that they have', async () => {
    const scrape = await site.scrape();
    const forRules = labelsForRules(scrape);
    expect(ruleQueries().flatMap((query) => complaintsAbout(query, forRules))).toEqual([]);
    // the dashboard works without the rules
    const exported = scrape.labelsByName();
    expect(dashboardQueries().flatMap((query) => complaintsAbout(query, exported))).toEqual([]);
  });

  it('are all asked for somewhere', async () => {
    expect(unusedMetrics(await site.scrape())).toEqual([]);
  });

  it('are as the makers of Prometheus would have them', async () => {
    const promtool = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    promtool.stdin.end(await site.scrapeText());
    const [said, complaints] = await Promise.all([text(promtool.stdout), text(promtool.stderr)]);
    const [code] = (await once(promtool, 'close')) as [number];
    expect([said, complaints, code]).toEqual(['', '', 0]);
  });
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describePart } from '../support/parts.ts';
import {
  alertCases,
  alertingFile,
  alertingRules,
  recordingFile,
  recordingRules,
  repository,
  ruleTestFiles,
} from '../support/prometheus/rule-files.ts';

const promtool = (...args: readonly string[]) => promisify(execFile)('promtool', args);

describePart(['prometheus'], 'the rules for Prometheus', () => {
  it('are valid, and none is there twice', async () => {
    const files = [recordingFile, alertingFile];
    const { stdout, stderr } = await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...files);
    expect(stderr).toBe('');
    expect(stdout.match(/SUCCESS/g)).toHaveLength(files.length);
  });

  it.concurrent.each(ruleTestFiles.map((file) => [file.split('/').at(-1), file] as const))(
    'do what %s expects of them',
    async (_name, file) => {
      const { stdout } = await promtool('test', 'rules', file);
      expect(stdout).toContain('SUCCESS');
    },
    60_000,
  );
});

/** Seconds of a duration such as `10m`. */
function seconds(duration: string): number {
  const [, count = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  return Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  const headings = readFileSync(join(repository, page), 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-'));
}

describe('a recording rule', () => {
  it.each(recordingRules())('says level, metric and operation in its name: $record', ({ record }) => {
    expect(record).toMatch(/^[a-z_]+:tokenward_[a-z_]+:[a-z0-9_]+$/);
    // what a rate was taken of is no total any more
    expect(record).not.toMatch(/_total:/);
  });
});

describe('an alert', () => {
  const alerts = alertingRules().map((rule) => ({ ...rule, severity: rule.labels['severity'] ?? '' }));

  it.each(alerts)('says how bad it is, what it means and where to read on: $alert $severity', (rule) => {
    expect(rule.alert).toMatch(/^Tokenward[A-Z]/);
    expect(['critical', 'warning', 'info']).toContain(rule.severity);
    expect(seconds(rule.for ?? '')).toBeGreaterThan(0);
    const { summary = '', description = '', runbook_url: runbook = '' } = rule.annotations;
    expect(summary).not.toMatch(/\.$|\n/);
    expect(description).toMatch(/\.$/);
    const [page = '', anchor] = runbook.split('#');
    const anchors = anchorsOf(page);
    if (anchor !== undefined && !anchor.includes('{{')) expect(anchors).toContain(anchor);
  });

  it.each(alerts)('is tested: it fires, and before its time it does not: $alert $severity', (rule) => {
    const cases = alertCases().filter(({ alertname }) => alertname === rule.alert);
    const fires = ({ exp_alerts: alertsThen = [] }: (typeof cases)[number]) =>
      alertsThen.some(({ exp_labels: labels }) => labels['severity'] === rule.severity);
    const firing = cases.filter(fires).map(({ eval_time: time }) => seconds(time));
    const silent = cases.filter((each) => !fires(each)).map(({ eval_time: time }) => seconds(time));
    expect(firing.length).toBeGreaterThan(0);
    // a look while its condition stands already, but not for long enough
    const wait = seconds(rule.for ?? '');
    expect(silent.some((time) => firing.some((then) => time < then && then - time <= wait))).toBe(true);
  });
});

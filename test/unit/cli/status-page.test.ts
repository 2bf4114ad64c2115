import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { formatClock } from '../../../src/cli/format.ts';
import { labels, nextStep } from '../../../src/cli/status/label.ts';
import { allLines, linesWithin, statusPage } from '../../../src/cli/status/page.ts';
import { terminalStyle } from '../../../src/cli/terminal-style.ts';
import type { AgentLabel, AgentStatus } from '../../../src/domain/status.ts';
import { active, expired, now, revoked, unprovisioned } from './statuses.ts';

const plainEnv = { LANG: 'C.UTF-8', NO_COLOR: '1' };
const site = { url: 'https://logs.example.com', files: ['/run/tokenward/web-01.token'] };
const until = formatClock('2027-01-01T12:29:59Z', now);

function page(statuses: readonly AgentStatus[], width: number | null, env = plainEnv, named = false) {
  const style = terminalStyle(width === null ? {} : { isTTY: true, columns: width }, env);
  return { style, page: statusPage(statuses, { style, now, named, siteOf: () => site }) };
}

function lines(...args: Parameters<typeof page>): readonly string[] {
  return allLines(page(...args).page);
}

const three = [active, revoked, expired];

describe('the table', () => {
  it('elsewhere than on a terminal is whole, plain, in UTC, and begins with its header', () => {
    expect(lines(three, null)).toEqual([
      'AGENT   STATE    TOKEN                             REFRESH  SECRET   GENERATION  DO',
      'web-02  revoked  valid 29m (2027-01-01T12:29:59Z)  -        refused  7           tokenward enroll web-02',
      'web-03  expired  expired 3m ago                    now      held     7',
      'web-01  active   valid 29m (2027-01-01T12:29:59Z)  22m      held     7',
      '',
      'web-02: critical SECRET_REVOKED since 2027-01-01T11:50:00Z',
      '  the server refuses the secret; run `tokenward enroll web-02` or `tokenward import web-02`',
    ]);
  });

  it.each([
    [
      120,
      [
        '  AGENT   STATE    TOKEN              REFRESH  SECRET   GENERATION  DO',
        `× web-02  revoked  valid 29m (${until})  -        refused  7           tokenward enroll web-02`,
        '↻ web-03  expired  expired 3m ago     now      held     7',
        `● web-01  active   valid 29m (${until})  22m      held     7`,
      ],
    ],
    [
      80,
      [
        '  AGENT   STATE    TOKEN              REFRESH  SECRET   DO',
        `× web-02  revoked  valid 29m (${until})  -        refused  tokenward enroll web-02`,
        '↻ web-03  expired  expired 3m ago     now      held',
        `● web-01  active   valid 29m (${until})  22m      held`,
      ],
    ],
    [
      60,
      [
        '  AGENT   STATE    TOKEN           DO',
        '× web-02  revoked  valid 29m       tokenward enroll web-02',
        '↻ web-03  expired  expired 3m ago',
        '● web-01  active   valid 29m',
      ],
    ],
    [
      40,
      [
        '  AGENT   STATE    TOKEN',
        '× web-02  revoked  valid 29m',
        '  → tokenward enroll web-02',
        '↻ web-03  expired  expired 3m ago',
        '● web-01  active   valid 29m',
      ],
    ],
    [
      24,
      [
        '× web-02',
        '  revoked  valid 29m',
        '  → tokenward enroll',
        '    web-02',
        '↻ web-03',
        '  expired',
        '  expired 3m ago',
        '● web-01',
        '  active  valid 29m',
      ],
    ],
  ])('at %d columns', (width, expected) => {
    const found = lines(three, width);
    const from = found.findIndex((line) => line.includes('AGENT') || line.startsWith('×'));
    expect(found.slice(from, from + expected.length)).toEqual(expected);
    expect(Math.max(...found.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
  });

  it('keeps both ends of a name that no line holds, and its command whole', () => {
    const agent = `a${'-'.repeat(61)}z`;
    const found = lines([active, { ...unprovisioned, agent }], 40);
    expect(found).toContain(`○ a${'-'.repeat(18)}…${'-'.repeat(17)}z`);
    expect(found).toContain(`    ${agent}`);
  });

  it('has a line for every label, with a sign and a word', () => {
    const all = Object.keys(labels) as AgentLabel[];
    const rows = lines(
      all.map((state) => ({ ...active, agent: `a-${state}`, state })),
      200,
    );
    for (const state of all)
      expect(rows.join('\n')).toMatch(new RegExp(`^[●▲↻×○] a-${state} +${state} `, 'm'));
    expect(rows[0]).toMatch(/^9 agents: 1 lost, 1 revoked, .*; 4 need you$/);
  });

  it('says in one line what there is', () => {
    expect(lines([active, { ...active, agent: 'web-09' }], 80)[0]).toBe('2 agents: 2 active; nothing to do');
    expect(lines([], 80)).toEqual(['0 agents', '']);
    expect(lines([], null)).toEqual([]);
  });

  it('says in colours what its words say', () => {
    const coloured = lines(three, 120, { ...plainEnv, NO_COLOR: '' }).join('\n');
    expect(coloured).toContain('\u001B[31mrevoked\u001B[39m');
    expect(coloured).toContain('\u001B[32mactive\u001B[39m');
    // oxlint-disable-next-line no-control-regex -- colours are control sequences
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '').split('\n')).toEqual(lines(three, 120));
  });
});

describe('one agent', () => {
  it('has everything on a terminal', () => {
    const granted = formatClock('2027-01-01T11:59:59Z', now);
    expect(lines([active], 80)).toEqual([
      '● web-01: active, a valid token, refreshed ahead of its end',
      `    Token: valid 29m (${until}), number 9`,
      `  Refresh: in 22m (${formatClock('2027-01-01T12:22:30Z', now)})`,
      '   Secret: held, generation 7, file store',
      `     Last: granted 1s ago (${granted})`,
      '   Server: https://logs.example.com (vcf-logs)',
      '     File: /run/tokenward/web-01.token',
      '       Do: nothing',
    ]);
  });

  it('folds at 40 columns', () => {
    expect(lines([revoked], 40).slice(0, 4)).toEqual([
      '× web-02: revoked, the server refuses',
      '  the secret',
      `    Token: valid 29m (${until}), number 9`,
      '  Refresh: none planned',
    ]);
  });

  it('is a table elsewhere, unless it was named', () => {
    expect(lines([active], null)[0]).toMatch(/^AGENT +STATE/);
    expect(lines([active], null, plainEnv, true)[0]).toMatch(/^web-01: active, /);
  });

  it('says so where its secret is not saved', () => {
    const status = { ...active, secret: { ...active.secret, persisted: false } };
    expect(lines([status], 80).join('\n')).toContain('file store, not saved yet');
  });
});

describe('what to do', () => {
  const alert = { code: 'SERVER_UNREACHABLE', since: '2027-01-01T11:00:00Z', summary: 'away' } as const;
  const criticalAlert = { ...alert, severity: 'critical' } as const;

  it.each([
    [revoked, 'tokenward enroll web-02'],
    [{ ...active, state: 'lost' }, 'tokenward enroll web-01'],
    [{ ...active, state: 'blocked' }, 'tokenward recover web-01'],
    [unprovisioned, 'tokenward enroll web-01'],
    // who makes no secret on request cannot be enrolled with
    [{ ...unprovisioned, provider: 'onezone' }, 'tokenward import web-01'],
    [{ ...revoked, provider: 'f5-xc' }, 'tokenward import web-02'],
    [active, null],
    [{ ...active, state: 'standby' }, null],
    [{ ...active, state: 'degraded', alerts: [{ ...alert, severity: 'warning' }] }, 'see below'],
    [{ ...active, alerts: [{ ...alert, severity: 'info' }] }, null],
    [{ ...active, state: 'acquiring', alerts: [criticalAlert] }, 'see below'],
  ] as const)('%#', (status, step) => {
    expect(nextStep(status)).toBe(step);
  });
});

function within(statuses: readonly AgentStatus[], height: number): readonly string[] {
  const { style, page: whole } = page(statuses, 80);
  return linesWithin(whole, height, style);
}

describe('a screen', () => {
  const many = Array.from({ length: 50 }, (_, at) => ({ ...active, agent: `web-${at + 10}` }));
  it('that is tall enough shows all', () => {
    expect(within(three, 24)).toEqual(lines(three, 80));
  });

  it('that is not says how many agents are left out', () => {
    const shown = within(many, 24);
    expect(shown).toHaveLength(24);
    expect(shown.at(-1)).toBe('… 30 more agents');
  });

  it('has room for trouble and its alerts, however many agents are well', () => {
    const shown = within([...many, revoked], 24);
    expect(shown).toHaveLength(24);
    expect(shown[3]).toMatch(/^× web-02/);
    expect(shown.at(-1)).toContain('tokenward import web-02');
  });

  it('shares its room where there is much of both', () => {
    const shown = within(
      many.map((status) => ({ ...status, alerts: revoked.alerts })),
      24,
    );
    expect(shown).toHaveLength(24);
    expect(shown.filter((line) => line.startsWith('● '))).toHaveLength(10);
    expect(shown.at(-1)).toMatch(/^… \d+ more lines of alerts$/);
  });

  it.each([1, 2, 3, 4])('of %d rows is never more than full', (height) => {
    expect(within([...many, revoked], height).length).toBeLessThanOrEqual(height);
    expect(within([revoked], height).length).toBeLessThanOrEqual(height);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advisedBy, advisedByReason } from '../../../src/doctor/advice.ts';
import { blameOf, failing, groups, lineKinds, ok, summaryOf, warning } from '../../../src/doctor/line.ts';

const page = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');

describe('docs/doctor.md', () => {
  it('has a row for every kind of line, in the same order, with its group and its exit code', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\w+) \| (\d+) \|/gm)].map(([, ...cells]) => cells);
    expect(rows).toEqual(
      Object.entries(lineKinds).map(([id, { group, blames }]) => [
        id,
        group,
        blames === 'configuration' ? '78' : '69',
      ]),
    );
  });

  it('knows no group without a line', () => {
    expect(new Set(Object.values(lineKinds).map(({ group }) => group))).toEqual(new Set(groups));
  });
});

const fine = ok('server-tls', { what: 'x', detail: 'y' });
const trouble = { what: 'x', detail: 'y', mend: 'z' };

describe('what the lines come to', () => {
  it('counts', () => {
    const lines = [fine, fine, warning('server-tls', trouble), failing('server-tls', trouble)];
    expect(summaryOf(lines)).toEqual({ ok: 2, warning: 1, failing: 1 });
  });

  it.each([
    ['nothing where all is ok or a warning', [fine, warning('disk-space', trouble)], null],
    ['what is around the host', [failing('server-tls', trouble)], 'surroundings'],
    ['the configuration', [failing('disk-space', trouble)], 'configuration'],
    [
      'the configuration first',
      [failing('server-tls', trouble), failing('path-access', trouble)],
      'configuration',
    ],
    [
      'the configuration by a code of that class',
      [failing('server-tls', { ...trouble, code: 'CONFIG_INVALID' })],
      'configuration',
    ],
    [
      'what is around by other codes',
      [failing('secret-store', { ...trouble, code: 'STORE_LOCKED' })],
      'surroundings',
    ],
  ] as const)('blames %s', (_what, lines, blame) => {
    expect(blameOf(lines)).toBe(blame);
  });
});

describe('a sentence is taken apart', () => {
  it.each([
    ['a is open; run: chmod 0600 a', 'a is open', 'chmod 0600 a'],
    ['a; b; do c', 'a; b', 'do c'],
    ['c.yaml:1:2: agents: is missing', 'c.yaml:1:2: agents: is missing', 'look'],
    ['nothing to do', 'nothing to do', 'look'],
  ])('%s', (sentence, detail, mend) => {
    expect(advisedBy(sentence, 'look')).toEqual({ detail, mend });
  });

  it.each([
    [
      'the name x does not exist (ENOTFOUND): check url',
      'the name x does not exist (ENOTFOUND)',
      'check url',
    ],
    [
      'the proxy p:1 is down: see to it; it is the proxy',
      'the proxy p:1 is down',
      'see to it; it is the proxy',
    ],
    ['nothing to do', 'nothing to do', 'look'],
  ])('as a reason of the HTTP client: %s', (reason, detail, mend) => {
    expect(advisedByReason(reason, 'look')).toEqual({ detail, mend });
  });
});

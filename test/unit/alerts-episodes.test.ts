import { describe, expect, it } from 'vitest';
import { compareAlerts } from '../../src/alerts/episodes.ts';
import type { AlertStatus } from '../../src/domain/status.ts';

function alert(changes: Partial<AlertStatus> = {}): AlertStatus {
  const since = '2026-01-01T00:00:00.000Z';
  return { code: 'FILE_TAMPERED', severity: 'warning', since, summary: '/run/a was changed', ...changes };
}

const later = '2026-01-01T00:05:00.000Z';
const first = alert();
const second = alert({ summary: '/run/b was changed' });

describe('what changed between two looks at the standing alerts', () => {
  it.each<[string, AlertStatus[], AlertStatus[], AlertStatus[], AlertStatus[]]>([
    ['nothing at all', [], [], [], []],
    ['nothing new', [first], [first], [], []],
    ['one begins', [], [first], [], [first]],
    ['one ends', [first], [], [first], []],
    [
      'another code',
      [first],
      [alert({ code: 'OUTPUT_FAILED' })],
      [first],
      [alert({ code: 'OUTPUT_FAILED' })],
    ],
    ['the text counts down', [first], [alert({ summary: 'for 3 more minutes' })], [], []],
    ['the beginning is told anew', [first], [alert({ since: later })], [], []],
    [
      'other beginning and text',
      [first],
      [{ ...second, since: later }],
      [first],
      [{ ...second, since: later }],
    ],
    [
      'the wall clock is set',
      [alert({ summary: 'ends 2026-01-01T00:30:00Z' })],
      [alert({ summary: 'ends 2026-01-01T00:35:00Z', since: later })],
      [],
      [],
    ],
    [
      'it becomes worse',
      [first],
      [alert({ severity: 'critical' })],
      [first],
      [alert({ severity: 'critical' })],
    ],
    ['a second of the code joins', [first], [first, second], [], [second]],
    ['the first of two ends', [first, second], [second], [first], []],
    ['the second of two ends', [first, second], [first], [second], []],
    ['their order changes', [first, second], [second, first], [], []],
  ])('%s', (_name, before, now, ended, began) => {
    expect(compareAlerts(before, now)).toEqual({ ended, began });
  });
});

import { describe, expect, it } from 'vitest';
import { createLogChannel } from '../../../src/alerts/log-channel.ts';
import type { Severity } from '../../../src/domain/status.ts';
import type { AlertNotice } from '../../../src/ports/alert-channel.ts';
import { MemoryLog, type LogLine } from '../../fakes/memory-log.ts';

describe('the log channel', () => {
  it.each<[AlertNotice['status'], Severity, LogLine['level'], string]>([
    ['firing', 'info', 'info', 'alert-firing'],
    ['firing', 'warning', 'warn', 'alert-firing'],
    ['firing', 'critical', 'error', 'alert-firing'],
    ['resolved', 'critical', 'info', 'alert-resolved'],
  ])('writes one line: %s %s', async (status, severity, level, event) => {
    const log = new MemoryLog();
    const alert = {
      agent: 'web-01',
      code: 'SECRET_REVOKED',
      severity,
      since: '2026-01-01T00:00:00.000Z',
      summary: 'the server refused the secret',
    } as const;
    const rest = { ordinal: 1, endedAt: null, superseded: false, flapped: 0 };
    await createLogChannel(log).deliver({ ...alert, ...rest, status }, new AbortController().signal);
    expect(log.lines).toEqual([{ level, event, fields: alert }]);
  });
});

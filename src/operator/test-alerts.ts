import { alertChannels } from '../composition/alert-channels.ts';
import type { Config } from '../config/config.ts';
import { asTokenwardError, type ErrorCode } from '../domain/errors.ts';
import { systemDisk } from '../platform/system-disk.ts';
import type { AlertChannel, AlertNotice } from '../ports/alert-channel.ts';

/** `tokenward alerts test`: one notice through every channel, and its end, without the daemon. */

export interface ChannelResult {
  readonly channel: string;
  /** null where both notices were taken. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly tookMs: number;
}

/** Milliseconds that one notice gets, where the channel says nothing else. */
const deadlineMs = 20_000;

/** All channels at once, in the order of the configuration; the log of the daemon is not among them. Never rejects. */
export function testAlerts({ alerts }: Config, env: NodeJS.ProcessEnv): Promise<readonly ChannelResult[]> {
  const clock = { now: () => ({ bootId: '', bootMs: performance.now(), wallMs: Date.now() }) };
  return Promise.all(alertChannels(alerts, { disk: systemDisk, clock, env }).map(testChannel));
}

async function testChannel(channel: AlertChannel): Promise<ChannelResult> {
  const beganMs = performance.now();
  const result = (error: ChannelResult['error']) => ({
    channel: channel.name,
    error,
    tookMs: Math.round(performance.now() - beganMs),
  });
  const since = new Date().toISOString();
  try {
    await deliver(channel, testNotice(since, null));
    await deliver(channel, testNotice(since, new Date().toISOString()));
    return result(null);
  } catch (error) {
    const { code, message } = asTokenwardError(error);
    return result({ code, message });
  }
}

function deliver(channel: AlertChannel, notice: AlertNotice): Promise<void> {
  return channel.deliver(notice, AbortSignal.timeout(channel.deadlineMs ?? deadlineMs));
}

function testNotice(since: string, endedAt: string | null): AlertNotice {
  return {
    agent: null,
    code: 'TEST',
    severity: 'info',
    since,
    summary:
      'this is a test of the alerts by `tokenward alerts test`: nothing is wrong, and nothing is to be done',
    status: endedAt === null ? 'firing' : 'resolved',
    ordinal: 1,
    endedAt,
    superseded: false,
    flapped: 0,
  };
}

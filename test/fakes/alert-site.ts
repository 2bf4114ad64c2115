import { AlertMemory } from '../../src/alerts/memory.ts';
import { AlertRouter } from '../../src/alerts/router.ts';
import { TokenwardError } from '../../src/domain/errors.ts';
import type { AlertStatus } from '../../src/domain/status.ts';
import type { DeliveryOutcome } from '../../src/platform/metrics/alert-metrics.ts';
import type { AlertChannel, AlertNotice } from '../../src/ports/alert-channel.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryLog } from './memory-log.ts';
import { SeededRandom } from './seeded-random.ts';

/** A channel that takes notices, refuses them, or hangs until it is told to give up. */
export class TestChannel implements AlertChannel {
  readonly name: string;
  readonly isRecord: boolean;
  readonly notices: AlertNotice[] = [];
  /** What it was told again, by the codes of each time. */
  readonly repeated: (readonly string[])[] = [];
  readonly repeat;
  tries = 0;
  state: 'up' | 'down' | 'hanging' = 'up';
  failure: Error = new TokenwardError('OUTPUT_FAILED', 'channel down');

  constructor(name = 'pager', { isRecord = false, repeats = false } = {}) {
    this.name = name;
    this.isRecord = isRecord;
    const deliver = async (notices: readonly AlertNotice[]): Promise<void> => {
      if (this.state === 'down') throw this.failure;
      this.repeated.push(notices.map(({ code }) => code));
    };
    this.repeat = repeats ? { everyMs: 60_000, deliver } : undefined!;
  }

  /** Each as `web-01 SECRET_REVOKED critical 00:00 firing`. */
  get taken(): readonly string[] {
    return this.notices.map(({ agent, code, severity, since, status }) =>
      [agent, code, severity, since.slice(11, 16), status].join(' '),
    );
  }

  async deliver(notice: AlertNotice, signal: AbortSignal): Promise<void> {
    this.tries += 1;
    if (this.state === 'hanging') {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('gave up')));
      });
    }
    if (this.state === 'down') throw this.failure;
    this.notices.push(notice);
  }
}

const stateFile = '/state/alerts.json';

/** Routers one after another, as the processes of one daemon are: the clock goes on, and so does the disk. */
export class AlertSite {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly disk = new MemoryDisk();
  readonly outcomes: DeliveryOutcome[] = [];
  /** How many wait, by channel; those that were forgotten are not there. */
  readonly waiting = new Map<string, number>();

  constructor() {
    this.disk.seedFolder('/state');
  }

  /** One that has not begun. */
  standby(...channels: readonly AlertChannel[]): AlertRouter {
    const { clock, log, disk } = this;
    const random = new SeededRandom(1);
    return new AlertRouter(channels, {
      clock,
      random,
      log,
      meter: (channel) => ({
        ended: (outcome) => this.outcomes.push(outcome),
        waiting: (count) => this.waiting.set(channel, count),
      }),
      forget: (channel) => this.waiting.delete(channel),
      memory: new AlertMemory({ disk, random, log, path: stateFile }),
    });
  }

  /** One that has begun, for these agents. */
  async router(
    channels: readonly AlertChannel[],
    agents: readonly string[] = ['a', 'b'],
  ): Promise<AlertRouter> {
    const router = this.standby(...channels);
    await router.begin(agents);
    return router;
  }

  /** What is remembered on disk; null where there is no file. */
  get remembered(): string | null {
    const bytes = this.disk.files().get(stateFile);
    return bytes === undefined ? null : Buffer.from(bytes).toString('utf8');
  }

  /** Puts this in the place of what is remembered. */
  damage(text: string): void {
    this.disk.seed(stateFile, text);
  }
}

/** `minute` tells episodes apart. */
export function alertAt(
  minute = 0,
  severity: AlertStatus['severity'] = 'critical',
  code: AlertStatus['code'] = 'SECRET_REVOKED',
): AlertStatus {
  const since = `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
  return { code, severity, since, summary: `refused since ${since}` };
}

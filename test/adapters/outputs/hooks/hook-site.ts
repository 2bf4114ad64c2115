import type { Token } from '../../../../src/domain/token.ts';
import { HookSet } from '../../../../src/outputs/hook-set.ts';
import { HookMemory } from '../../../../src/outputs/hooks/hook-memory.ts';
import type { Hook, HookCall, HookResult } from '../../../../src/outputs/hooks/hook.ts';
import type { HookOutcome } from '../../../../src/platform/metrics/hook-metrics.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';
import { MemoryDisk } from '../../../fakes/memory-disk.ts';
import { MemoryLog } from '../../../fakes/memory-log.ts';
import { SeededRandom } from '../../../fakes/seeded-random.ts';
import { tokenOf } from '../fixtures/tokens.ts';

export const hookNamed = (program: string, timeoutMs = 10_000): Hook => ({
  kind: 'exec',
  command: [program],
  timeoutMs,
});

/** An agent's hooks, of which a test says what comes of each try. */
export class HookSite {
  readonly clock = new ManualClock();
  readonly disk = new MemoryDisk();
  readonly log = new MemoryLog();
  /** Tries, as `program token`, when they began. */
  readonly tries: string[] = [];
  /** Outcomes as `name outcome`. */
  readonly counted: string[] = [];
  readonly told: string[] = [];
  /** Series that began, and those that are gone. */
  readonly metered: string[] = [];
  /** What comes of a try; success where nothing is said. */
  readonly answers = new Map<string, (call: HookCall) => Promise<HookResult>>();

  constructor() {
    this.disk.seedFolder('/state');
  }

  /** A daemon's life: its memory is that of the one before. */
  open(...hooks: readonly Hook[]): HookSet {
    const { clock, disk, log } = this;
    const random = new SeededRandom(1);
    return new HookSet(hooks, {
      agent: 'web-01',
      clock,
      random,
      log,
      memory: new HookMemory({ disk, random, log, path: '/state/hooks.json' }),
      files: () => ['/run/web-01.token'],
      meter: (name) => {
        this.metered.push(name);
        return { ended: (outcome: HookOutcome) => void this.counted.push(`${name} ${outcome}`) };
      },
      run: (hook, call) => {
        const program = hook.kind === 'exec' ? (hook.command[0] ?? '') : hook.kind;
        this.tries.push(`${program} ${call.token.sequence}`);
        return this.answers.get(program)?.(call) ?? Promise.resolve({ ok: true });
      },
      onFailing: (name, text) => void this.told.push(`${name} fails: ${text}`),
      onWorking: (name) => void this.told.push(`${name} works`),
      onDropped: (name) => {
        this.metered.push(`${name} gone`);
        this.told.push(`${name} dropped`);
      },
    });
  }

  fails(program: string, reason = 'ended with 1'): void {
    this.answers.set(program, () => Promise.resolve({ ok: false, reason, output: '' }));
  }

  works(program: string): void {
    this.answers.delete(program);
  }

  /** The agent's token of this number, fresh. */
  token(sequence: number): Token {
    const life = { sentAt: this.clock.now(), ttlMs: 1_800_000 };
    return { ...tokenOf(`token ${sequence}`, sequence), ...life };
  }

  /** All that can happen without the passing of time has happened. */
  settled(): Promise<void> {
    return this.clock.elapse(0);
  }

  /** A try that does not end before the test says so, whatever it is told. */
  held(program: string): () => void {
    const { promise, resolve } = Promise.withResolvers<HookResult>();
    this.answers.set(program, () => promise);
    return () => resolve({ ok: true });
  }
}

import { describe, expect, it } from 'vitest';
import type { ConfigChanges } from '../../../src/config/changes.ts';
import type { Config } from '../../../src/config/config.ts';
import { Reloader } from '../../../src/daemon/reloader.ts';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { ReloadResult } from '../../../src/platform/metrics/config-metrics.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { eventually } from '../../support/eventually.ts';

/** Reloads one at a time; what each comes to is told once. */

const nothing: ConfigChanges = {
  fixed: [],
  agents: { added: [], changed: [], removed: [] },
  alerts: false,
  none: true,
};

class Stage {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly ends: (readonly [ReloadResult, string | null])[] = [];
  /** Of the reloads under way. */
  readonly applying: PromiseWithResolvers<ConfigChanges>[] = [];
  problem: Error | null = null;
  readonly reloader = new Reloader({
    clock: this.clock,
    log: this.log,
    load: () => {
      if (this.problem !== null) throw this.problem;
      return {} as Config;
    },
    apply: () => {
      const applying = Promise.withResolvers<ConfigChanges>();
      this.applying.push(applying);
      return applying.promise;
    },
    ended: (result, reason) => void this.ends.push([result, reason]),
  });

  get events(): readonly string[] {
    return this.log.events();
  }

  /** So many were begun so far. */
  underWay(count: number): Promise<void> {
    return eventually(() => expect(this.applying.length).toBe(count));
  }
}

describe('reloads', () => {
  it('are put off until the daemon is open', async () => {
    const stage = new Stage();
    await stage.reloader.request('signal');
    expect([stage.events, stage.applying.length]).toEqual([['config-reload-deferred'], 0]);
    stage.reloader.open();
    await stage.underWay(1);
  });

  it('that come while one is under way share the next, after a pause', async () => {
    const stage = new Stage();
    stage.reloader.open();
    const all = Array.from({ length: 1000 }, () => stage.reloader.request('signal'));
    await stage.underWay(1);
    const later = stage.reloader.request('file');
    stage.applying[0]!.resolve({ ...nothing, none: false });
    await stage.clock.elapse(499);
    expect(stage.applying.length).toBe(1);
    await stage.clock.elapse(1);
    await stage.underWay(2);
    stage.applying[1]!.resolve(nothing);
    await Promise.all([...all, later]);
    expect(stage.events).toEqual(['config-reloaded', 'config-unchanged']);
    expect(stage.ends).toEqual([
      ['applied', null],
      ['unchanged', null],
    ]);
  });

  it('go on after one that was rejected', async () => {
    const stage = new Stage();
    stage.reloader.open();
    stage.problem = new TokenwardError('CONFIG_INVALID', 'one\ntwo', { fields: { problems: 2 } });
    await stage.reloader.request('file');
    expect(stage.ends).toEqual([['rejected', 'one\ntwo']]);
    expect(stage.log.lines.at(-1)).toMatchObject({
      event: 'config-rejected',
      fields: { cause: 'file', code: 'CONFIG_INVALID', problems: ['one', 'two'] },
    });
    stage.problem = null;
    void stage.reloader.request('signal');
    await stage.clock.elapse(500);
    await stage.underWay(1);
  });

  it('tell of a bug in the daemon as one, and the daemon goes on', async () => {
    const stage = new Stage();
    stage.reloader.open();
    stage.problem = new RangeError('no');
    await stage.reloader.request('signal');
    expect(stage.log.lines.at(-1)).toMatchObject({ fields: { code: 'INTERNAL' } });
  });

  it('are waited for at the end, and a pause is not', async () => {
    const stage = new Stage();
    stage.reloader.open();
    void stage.reloader.request('signal');
    await stage.underWay(1);
    void stage.reloader.request('signal');
    let isClosed = false;
    const closed = stage.reloader.close().then(() => (isClosed = true));
    await stage.clock.elapse(10_000);
    expect(isClosed).toBe(false);
    stage.applying[0]!.resolve(nothing);
    await closed;
    expect(stage.applying.length).toBe(1);
  });

  it('of a takeover comes before everything that was put off, and is for all of it', async () => {
    const stage = new Stage();
    await stage.reloader.request('signal');
    const first = stage.reloader.first('takeover');
    stage.applying[0]!.resolve(nothing);
    await first;
    stage.reloader.open();
    await stage.clock.elapse(1_000);
    expect(stage.applying.length).toBe(1);
    expect(stage.log.lines.at(-1)).toMatchObject({
      event: 'config-unchanged',
      fields: { cause: 'takeover' },
    });
  });

  it('begin no more after the end', async () => {
    const stage = new Stage();
    stage.reloader.open();
    await stage.reloader.close();
    await stage.reloader.request('signal');
    expect(stage.applying.length).toBe(0);
  });
});

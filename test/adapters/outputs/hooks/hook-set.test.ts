import { beforeEach, describe, expect, it } from 'vitest';
import { HookSite, hookNamed } from './hook-site.ts';

let site: HookSite;

beforeEach(() => {
  site = new HookSite();
});

const [a, b, c] = [hookNamed('/a'), hookNamed('/b'), hookNamed('/c')];
describe('hooks', () => {
  it('run in their order, one at a time, once for each token', async () => {
    const hooks = site.open(a, b, c);
    const finish = site.held('/b');
    hooks.placed(site.token(1), true);
    hooks.placed(site.token(1), true);
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    finish();
    await site.settled();
    site.works('/b');
    hooks.placed(site.token(2), true);
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/b 1', '/c 1', '/a 2', '/b 2', '/c 2']);
    expect(site.counted.slice(0, 3)).toEqual(['exec /a succeeded', 'exec /b succeeded', 'exec /c succeeded']);
  });

  it('leave what is left of a run to the newer token, when the one that runs has ended', async () => {
    const hooks = site.open(a, b);
    const finish = site.held('/a');
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.placed(site.token(2), true);
    hooks.placed(site.token(3), true);
    await site.settled();
    expect(site.tries).toEqual(['/a 1']);
    site.works('/a');
    finish();
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/a 3', '/b 3']);
  });

  it('are given up when their time is over, and the next one has its turn', async () => {
    const hooks = site.open(hookNamed('/a', 5_000), b);
    site.held('/a');
    hooks.placed(site.token(1), true);
    await site.clock.elapse(4_999);
    expect(site.tries).toEqual(['/a 1']);
    await site.clock.elapse(1);
    expect(site.tries.slice(0, 2)).toEqual(['/a 1', '/b 1']);
    expect(site.counted.slice(0, 2)).toEqual(['exec /a timed-out', 'exec /b succeeded']);
  });

  it('have their turn behind one that hangs for longer than tokens are new', async () => {
    const hooks = site.open(hookNamed('/a', 5_000), b);
    site.answers.set('/a', ({ signal }) => {
      const late = { ok: false, reason: 'too late', output: '' } as const;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(late)));
    });
    for (let sequence = 1; sequence <= 4; sequence += 1) {
      hooks.placed(site.token(sequence), true);
      await site.clock.elapse(3_000);
    }
    expect(site.tries.filter((line) => line.startsWith('/b'))).not.toEqual([]);
    site.works('/a');
    await site.clock.elapse(60_000);
    expect(site.tries.slice(-2)).toEqual(['/a 4', '/b 4']);
  });

  it('that do not end when they are told to are not begun once more', async () => {
    const hooks = site.open(hookNamed('/a', 5_000));
    const finish = site.held('/a');
    hooks.placed(site.token(1), true);
    await site.clock.elapse(600_000);
    expect([site.tries, site.counted.slice(0, 2)]).toEqual([
      ['/a 1'],
      ['exec /a timed-out', 'exec /a failed'],
    ]);
    expect(site.told).toEqual([expect.stringContaining('has not ended yet')]);
    finish();
    await site.clock.elapse(60_000);
    expect([site.tries, site.told.at(-1)]).toEqual([['/a 1', '/a 1'], 'exec /a works']);
  });

  it('do not run for a token that is known to be dead', async () => {
    const hooks = site.open(a);
    site.fails('/a');
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.withdraw(1);
    await site.clock.elapse(600_000);
    expect(site.tries).toEqual(['/a 1']);
    site.works('/a');
    hooks.placed(site.token(2), true);
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/a 2']);
  });
});

describe('a hook that fails', () => {
  it('is tried again until it succeeds, and those behind it run once more then', async () => {
    const hooks = site.open(a, b);
    site.fails('/a');
    hooks.placed(site.token(1), true);
    await site.clock.elapse(1_000);
    expect(site.tries.filter((line) => line === '/b 1')).toHaveLength(1);
    expect(site.tries.filter((line) => line === '/a 1').length).toBeGreaterThan(1);
    site.works('/a');
    await site.clock.elapse(60_000);
    expect(site.tries.slice(-2)).toEqual(['/a 1', '/b 1']);
    expect(site.clock.nextDueInMs()).toBeNull();
  });

  it('is an alert when it keeps failing, until it succeeds', async () => {
    const hooks = site.open(a);
    site.fails('/a', '/a ended with 3');
    hooks.placed(site.token(1), true);
    await site.settled();
    expect(site.told).toEqual([]);
    await site.clock.elapse(120_000);
    expect(site.told).toEqual([expect.stringMatching(/^exec \/a fails: .*web-01.*\/a ended with 3/)]);
    site.fails('/a', '/a was ended by SIGSEGV');
    await site.clock.elapse(120_000);
    expect(site.told).toHaveLength(2);
    site.works('/a');
    await site.clock.elapse(120_000);
    expect(site.told.at(-1)).toBe('exec /a works');
    expect(site.log.events()).toContain('hook-succeeded');
    expect(site.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  it('stays one over newer tokens', async () => {
    const hooks = site.open(a);
    site.fails('/a');
    for (let sequence = 1; sequence <= 8; sequence += 1) {
      hooks.placed(site.token(sequence), true);
      await site.settled();
    }
    expect([site.tries.length, site.tries.at(-1), site.told.length]).toEqual([8, '/a 8', 1]);
  });
});

describe('other hooks', () => {
  it('wait for the next token, and those that stay are left alone', async () => {
    const hooks = site.open(a);
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.replace([b, a]);
    await site.settled();
    expect(site.tries).toEqual(['/a 1']);
    await hooks.close(AbortSignal.abort());
    // also over a restart
    site.open(b, a).placed(site.token(1), false);
    await site.settled();
    expect(site.tries).toEqual(['/a 1']);
  });

  it('run at once where they take the place of one that has yet to succeed, whose alert ends', async () => {
    const hooks = site.open(a);
    site.fails('/a');
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.replace([b]);
    await site.settled();
    expect([site.tries, site.told]).toEqual([['/a 1', '/b 1'], ['exec /a dropped']]);
    await site.clock.elapse(600_000);
    expect(site.tries).toHaveLength(2);
  });

  it('may be the same ones in another dress, which are counted anew', async () => {
    const hooks = site.open(a, b);
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.replace([hookNamed('/a', 20_000), b]);
    expect(site.metered).toEqual(['exec /a', 'exec /b', 'exec /a gone', 'exec /a']);
    hooks.replace([hookNamed('/a', 20_000), b]);
    expect([site.metered.length, site.tries.length]).toEqual([4, 2]);
  });

  it('may come while one runs that goes, of whose end nothing is said then', async () => {
    const hooks = site.open(a);
    const finish = site.held('/a');
    hooks.placed(site.token(1), true);
    await site.settled();
    hooks.replace([]);
    finish();
    await site.settled();
    expect([site.tries, site.told]).toEqual([['/a 1'], ['exec /a dropped']]);
  });
});

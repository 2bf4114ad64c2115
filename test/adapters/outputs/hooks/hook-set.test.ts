import { beforeEach, describe, expect, it } from 'vitest';
import type { HookResult } from '../../../../src/outputs/hooks/hook.ts';
import { tokenOf } from '../fixtures/tokens.ts';
import { HookSite, hookNamed } from './hook-site.ts';

let site: HookSite;

beforeEach(() => {
  site = new HookSite();
});

const [a, b, c] = [hookNamed('/a'), hookNamed('/b'), hookNamed('/c')];
const token = (sequence: number) => ({
  ...tokenOf(`token ${sequence}`, sequence),
  sentAt: site.clock.now(),
  ttlMs: 1_800_000,
});
const settled = () => site.clock.elapse(0);

/** A try that does not end before the test says so, or its time is over. */
function held(program: string) {
  const { promise, resolve } = Promise.withResolvers<HookResult>();
  site.answers.set(program, () => promise);
  return () => resolve({ ok: true });
}

/** A life in which /a succeeded for the first token, and /b did not. */
async function firstLife(): Promise<void> {
  const hooks = site.open(a, b);
  site.fails('/b');
  hooks.placed(token(1), true);
  await settled();
  await hooks.close(AbortSignal.abort());
  site.works('/b');
  site.tries.length = 0;
}

describe('hooks', () => {
  it('run in their order, one at a time, once for each token', async () => {
    const hooks = site.open(a, b, c);
    const finish = held('/b');
    hooks.placed(token(1), true);
    hooks.placed(token(1), true);
    await settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    finish();
    await settled();
    site.works('/b');
    hooks.placed(token(2), true);
    await settled();
    expect(site.tries).toEqual(['/a 1', '/b 1', '/c 1', '/a 2', '/b 2', '/c 2']);
    expect(site.counted.slice(0, 3)).toEqual(['exec /a succeeded', 'exec /b succeeded', 'exec /c succeeded']);
  });

  it('leave what is left of a run to the newer token, when the one that runs has ended', async () => {
    const hooks = site.open(a, b);
    const finish = held('/a');
    hooks.placed(token(1), true);
    await settled();
    hooks.placed(token(2), true);
    hooks.placed(token(3), true);
    await settled();
    expect(site.tries).toEqual(['/a 1']);
    site.works('/a');
    finish();
    await settled();
    expect(site.tries).toEqual(['/a 1', '/a 3', '/b 3']);
  });

  it('are given up when their time is over, and the next one has its turn', async () => {
    const hooks = site.open(hookNamed('/a', 5_000), b);
    held('/a');
    hooks.placed(token(1), true);
    await site.clock.elapse(4_999);
    expect(site.tries).toEqual(['/a 1']);
    await site.clock.elapse(1);
    expect(site.tries.slice(0, 2)).toEqual(['/a 1', '/b 1']);
    expect(site.counted.slice(0, 2)).toEqual(['exec /a timed-out', 'exec /b succeeded']);
  });

  it('do not run for a token that is known to be dead', async () => {
    const hooks = site.open(a);
    site.fails('/a');
    hooks.placed(token(1), true);
    await settled();
    hooks.withdraw(1);
    await site.clock.elapse(600_000);
    expect(site.tries).toEqual(['/a 1']);
    site.works('/a');
    hooks.placed(token(2), true);
    await settled();
    expect(site.tries).toEqual(['/a 1', '/a 2']);
  });
});

describe('a hook that fails', () => {
  it('is tried again until it succeeds, and those behind it run once more then', async () => {
    const hooks = site.open(a, b);
    site.fails('/a');
    hooks.placed(token(1), true);
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
    hooks.placed(token(1), true);
    await settled();
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
      hooks.placed(token(sequence), true);
      await settled();
    }
    expect([site.tries.length, site.tries.at(-1), site.told.length]).toEqual([8, '/a 8', 1]);
  });
});

describe('another life of the daemon', () => {
  it('runs what an earlier one did not finish, and nothing else', async () => {
    await firstLife();
    const second = site.open(a, b);
    second.placed(token(1), false);
    await settled();
    expect(site.tries).toEqual(['/b 1']);
    await second.close(AbortSignal.abort());
    site.tries.length = 0;
    site.open(a, b).placed(token(1), false);
    await settled();
    expect(site.tries).toEqual([]);
  });

  it('runs all where the file had to be written again, or the token is another one', async () => {
    await firstLife();
    const second = site.open(a, b);
    second.placed(token(1), true);
    await settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    await second.close(AbortSignal.abort());
    site.open(a, b).placed(token(2), false);
    await settled();
    expect(site.tries.slice(2)).toEqual(['/a 2', '/b 2']);
  });

  it('runs all where nobody can tell what was done', async () => {
    await firstLife();
    site.disk.seed('/state/hooks.json', Buffer.from('{"version":'));
    site.open(a, b).placed(token(1), false);
    await settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    expect(site.log.events()).toContain('hook-state-unreadable');
  });
});

describe('other hooks', () => {
  it('wait for the next token, and those that stay are left alone', async () => {
    const hooks = site.open(a);
    hooks.placed(token(1), true);
    await settled();
    hooks.replace([b, a]);
    await settled();
    expect(site.tries).toEqual(['/a 1']);
    await hooks.close(AbortSignal.abort());
    // also over a restart
    site.open(b, a).placed(token(1), false);
    await settled();
    expect(site.tries).toEqual(['/a 1']);
  });

  it('run at once where they take the place of one that has yet to succeed, whose alert ends', async () => {
    const hooks = site.open(a);
    site.fails('/a');
    hooks.placed(token(1), true);
    await settled();
    hooks.replace([b]);
    await settled();
    expect([site.tries, site.told]).toEqual([['/a 1', '/b 1'], ['exec /a dropped']]);
    await site.clock.elapse(600_000);
    expect(site.tries).toHaveLength(2);
  });

  it('may be the same ones in another dress, which are counted anew', async () => {
    const hooks = site.open(a, b);
    hooks.placed(token(1), true);
    await settled();
    hooks.replace([hookNamed('/a', 20_000), b]);
    expect(site.metered).toEqual(['exec /a', 'exec /b', 'exec /a gone', 'exec /a']);
    hooks.replace([hookNamed('/a', 20_000), b]);
    expect([site.metered.length, site.tries.length]).toEqual([4, 2]);
  });

  it('may come while one runs that goes, of whose end nothing is said then', async () => {
    const hooks = site.open(a);
    const finish = held('/a');
    hooks.placed(token(1), true);
    await settled();
    hooks.replace([]);
    finish();
    await settled();
    expect([site.tries, site.told]).toEqual([['/a 1'], ['exec /a dropped']]);
  });
});

describe('at the end', () => {
  it('one that runs may finish, until its time is over; none starts', async () => {
    const hooks = site.open(a, b);
    let isTold = false;
    site.answers.set('/a', ({ signal }) => {
      signal.addEventListener('abort', () => (isTold = true));
      return new Promise(() => {});
    });
    hooks.placed(token(1), true);
    await settled();
    const patience = new AbortController();
    const closed = hooks.close(patience.signal);
    await settled();
    expect(isTold).toBe(false);
    patience.abort();
    await closed;
    hooks.placed(token(2), true);
    await settled();
    expect([isTold, site.tries, site.counted]).toEqual([true, ['/a 1'], []]);
  });
});

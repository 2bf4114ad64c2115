import { beforeEach, describe, expect, it } from 'vitest';
import { HookSite, hookNamed } from './hook-site.ts';

let site: HookSite;

beforeEach(() => {
  site = new HookSite();
});

const [a, b] = [hookNamed('/a'), hookNamed('/b')];

/** A life in which /a succeeded for the first token, and /b did not. */
async function firstLife(): Promise<void> {
  const hooks = site.open(a, b);
  site.fails('/b');
  hooks.placed(site.token(1), true);
  await site.settled();
  await hooks.close(AbortSignal.abort());
  site.works('/b');
  site.tries.length = 0;
}

describe('another life of the daemon', () => {
  it('runs what an earlier one did not finish, and nothing else', async () => {
    await firstLife();
    const second = site.open(a, b);
    second.placed(site.token(1), false);
    await site.settled();
    expect(site.tries).toEqual(['/b 1']);
    await second.close(AbortSignal.abort());
    site.tries.length = 0;
    site.open(a, b).placed(site.token(1), false);
    await site.settled();
    expect(site.tries).toEqual([]);
  });

  it('runs all where the file had to be written again, or the token is another one', async () => {
    await firstLife();
    const second = site.open(a, b);
    second.placed(site.token(1), true);
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    await second.close(AbortSignal.abort());
    site.open(a, b).placed(site.token(2), false);
    await site.settled();
    expect(site.tries.slice(2)).toEqual(['/a 2', '/b 2']);
  });

  it('runs all where nobody can tell what was done', async () => {
    await firstLife();
    site.disk.seed('/state/hooks.json', Buffer.from('{"version":'));
    site.open(a, b).placed(site.token(1), false);
    await site.settled();
    expect(site.tries).toEqual(['/a 1', '/b 1']);
    expect(site.log.events()).toContain('hook-state-unreadable');
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
    hooks.placed(site.token(1), true);
    await site.settled();
    const patience = new AbortController();
    const closed = hooks.close(patience.signal);
    await site.settled();
    expect(isTold).toBe(false);
    patience.abort();
    await closed;
    hooks.placed(site.token(2), true);
    await site.settled();
    expect([isTold, site.tries, site.counted]).toEqual([true, ['/a 1'], []]);
  });
});

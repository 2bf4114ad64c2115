import { beforeEach, describe, expect, it } from 'vitest';
import { alertAt, AlertSite, TestChannel } from '../fakes/alert-site.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';

/** What one process has told, and the next must neither tell again nor forget. */

const never = new AbortController().signal;

let site: AlertSite;
let clock: ManualClock;
let pager: TestChannel;

beforeEach(() => {
  site = new AlertSite();
  ({ clock } = site);
  pager = new TestChannel();
});

/** A process that tells that these stand for agent `a`, and ends. */
async function processThatTells(...alerts: ReturnType<typeof alertAt>[]): Promise<void> {
  const router = await site.router([pager]);
  router.update('a', alerts);
  await clock.elapse(0);
  await router.close(never);
}

describe('a restart', () => {
  it('tells nothing again that still stands, and its end', async () => {
    await processThatTells(alertAt());
    const router = await site.router([pager]);
    router.update('a', [alertAt()]);
    await clock.elapse(5 * 60_000);
    expect(pager.taken).toHaveLength(1);
    router.update('a', []);
    await clock.elapse(0);
    expect(pager.taken.slice(1)).toEqual(['a SECRET_REVOKED critical 00:00 resolved']);
    expect(JSON.parse(site.remembered ?? '')).toEqual({ version: 1, episodes: [] });
  });

  it('takes an alert for the same one where its beginning and its words are told anew', async () => {
    await processThatTells(alertAt());
    const router = await site.router([pager]);
    router.update('a', [{ ...alertAt(7), summary: 'refused after all' }]);
    router.update('a', []);
    await clock.elapse(0);
    expect(pager.taken.slice(1)).toEqual(['a SECRET_REVOKED critical 00:07 resolved']);
  });

  it('tells that it became worse meanwhile', async () => {
    await processThatTells(alertAt(0, 'warning'));
    const router = await site.router([pager]);
    router.update('a', [alertAt(0, 'critical')]);
    await clock.elapse(0);
    expect(pager.notices.slice(1)).toMatchObject([
      { status: 'resolved', severity: 'warning', superseded: true },
      { status: 'firing', severity: 'critical', ordinal: 1 },
    ]);
  });

  it('ends what has ended meanwhile a minute after the agent is known, and not before', async () => {
    await processThatTells(alertAt());
    const router = await site.router([pager]);
    router.update('a', [], false);
    await clock.elapse(60 * 60_000);
    router.update('a', [], true);
    await clock.elapse(59_000);
    expect(pager.taken).toHaveLength(1);
    await clock.elapse(1_000);
    expect(pager.taken.at(-1)).toBe('a SECRET_REVOKED critical 00:00 resolved');
  });

  it('lets a condition that takes a moment to be found again go on', async () => {
    await processThatTells(alertAt());
    const router = await site.router([pager]);
    router.update('a', []);
    await clock.elapse(20_000);
    router.update('a', [alertAt(9)]);
    await clock.elapse(60 * 60_000);
    expect(pager.taken).toHaveLength(1);
  });

  it('ends at once what a process that knew the agent has told itself', async () => {
    await processThatTells(alertAt());
    const router = await site.router([pager]);
    router.update('a', [alertAt(0), alertAt(1, 'warning', 'FILE_TAMPERED')], false);
    router.update('a', [], false);
    await clock.elapse(0);
    expect(pager.taken.slice(1)).toEqual([
      'a FILE_TAMPERED warning 00:01 firing',
      'a SECRET_REVOKED critical 00:00 resolved',
      'a FILE_TAMPERED warning 00:01 resolved',
    ]);
  });

  it('ends what stood for an agent that the configuration has no more', async () => {
    await processThatTells(alertAt());
    await site.router([pager], ['b']);
    await clock.elapse(60_000);
    expect(pager.taken.at(-1)).toBe('a SECRET_REVOKED critical 00:00 resolved');
  });

  it('tells an end that the channel had not taken', async () => {
    const router = await site.router([pager]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    pager.state = 'down';
    router.update('a', []);
    await clock.elapse(0);
    await router.close(never);
    pager.state = 'up';
    await site.router([pager]);
    await clock.elapse(0);
    expect(pager.notices.at(-1)).toMatchObject({ status: 'resolved', endedAt: '2026-01-01T00:00:00.000Z' });
    expect(JSON.parse(site.remembered ?? '')).toEqual({ version: 1, episodes: [] });
  });

  it('tells a channel what it had not taken, and the others nothing', async () => {
    const other = new TestChannel('other');
    other.state = 'down';
    let router = await site.router([pager, other]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    await router.close(never);
    other.state = 'up';
    router = await site.router([pager, other]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    expect([pager.notices.length, other.notices.length]).toEqual([1, 1]);
  });

  it('tells the record anew what stands', async () => {
    const record = new TestChannel('log', { isRecord: true });
    for (const count of [1, 2]) {
      const router = await site.router([record, pager]);
      router.update('a', [alertAt()]);
      await clock.elapse(0);
      await router.close(never);
      expect(record.notices).toHaveLength(count);
    }
    expect(pager.notices).toHaveLength(1);
  });
});

describe('what is remembered', () => {
  it('is on disk for its owner only, and only where there is something', async () => {
    const record = new TestChannel('log', { isRecord: true });
    const router = await site.router([record]);
    router.update('a', [alertAt()]);
    await clock.elapse(0);
    await router.close(never);
    expect(site.remembered).toBeNull();
    await processThatTells(alertAt());
    expect((await site.disk.stat('/state/alerts.json'))?.mode).toBe(0o600);
    expect(JSON.parse(site.remembered ?? '')).toMatchObject({
      version: 1,
      episodes: [{ agent: 'a', code: 'SECRET_REVOKED', ordinal: 1, told: ['pager'] }],
    });
  });

  it.each(['{', '[]', '{"version":2,"episodes":[]}', '{"version":1,"episodes":[{"agent":"a"}]}'])(
    'and was damaged (%s) is begun anew, and said so',
    async (text) => {
      site.damage(text);
      const router = await site.router([pager]);
      router.update('a', [alertAt()]);
      await clock.elapse(0);
      await router.close(never);
      expect(pager.notices).toHaveLength(1);
      expect(site.log.lines).toEqual([
        {
          level: 'warn',
          event: 'alert-state-unreadable',
          fields: { path: '/state/alerts.json', reason: 'it is damaged' },
        },
      ]);
      expect(JSON.parse(site.remembered ?? '')).toMatchObject({ episodes: [{ agent: 'a' }] });
    },
  );

  it('does not keep alerts from going out where it cannot be saved, and is saved when it can', async () => {
    site.disk.fault = ({ 0: step }) => (step === 'create' ? 'ENOSPC' : null);
    const router = await site.router([pager]);
    router.update('a', [alertAt()]);
    router.update('b', [alertAt()]);
    await clock.elapse(0);
    expect(pager.notices).toHaveLength(2);
    expect(site.log.events()).toEqual(['alert-state-not-saved']);
    site.disk.fault = () => null;
    router.update('b', []);
    await clock.elapse(0);
    expect(JSON.parse(site.remembered ?? '')).toMatchObject({ episodes: [{ agent: 'a' }] });
  });
});

describe('a standby', () => {
  it('tells nobody, and what stands when it takes over', async () => {
    const router = site.standby(pager);
    router.update('a', [alertAt()], false);
    await clock.elapse(60_000);
    expect(pager.notices).toEqual([]);
    await router.begin(['a']);
    await clock.elapse(0);
    expect(pager.taken).toEqual(['a SECRET_REVOKED critical 00:00 firing']);
  });
});

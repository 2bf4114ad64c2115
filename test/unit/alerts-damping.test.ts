import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertRouter } from '../../src/alerts/router.ts';
import { alertAt, AlertSite, TestChannel } from '../fakes/alert-site.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';

let site: AlertSite;
let clock: ManualClock;
let pager: TestChannel;
let record: TestChannel;
let router: AlertRouter;

beforeEach(async () => {
  site = new AlertSite();
  ({ clock } = site);
  pager = new TestChannel();
  record = new TestChannel('log', { isRecord: true });
  router = await site.router([pager, record]);
});

/** It stands for a second, and is gone for one; so many times. */
async function flap(times: number, agent = 'a'): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    router.update(agent, [alertAt(time)]);
    await clock.elapse(1_000);
    router.update(agent, []);
    await clock.elapse(1_000);
  }
}

const told = (channel: TestChannel) => channel.notices.map(({ status }) => status);

describe('a condition that comes and goes', () => {
  it('is told three times in ten minutes, begin and end, and then held back', async () => {
    await flap(15);
    expect(told(pager)).toEqual(['firing', 'resolved', 'firing', 'resolved', 'firing', 'resolved']);
  });

  it('is told again when it has stood for a minute, and how often it flapped', async () => {
    await flap(15);
    router.update('a', [alertAt(20)]);
    await clock.elapse(59_000);
    expect(pager.notices).toHaveLength(6);
    await clock.elapse(1_000);
    expect(pager.notices.at(-1)).toMatchObject({ status: 'firing', flapped: 12 });
    router.update('a', []);
    await clock.elapse(0);
    expect(pager.notices.at(-1)).toMatchObject({ status: 'resolved', flapped: 12 });
    await clock.elapse(11 * 60_000);
    router.update('a', [alertAt(30)]);
    await clock.elapse(0);
    expect(pager.notices.at(-1)).toMatchObject({ status: 'firing', flapped: 0 });
  });

  it('holds back no other agent and no other code', async () => {
    await flap(5);
    await flap(1, 'b');
    router.update('a', [alertAt(0, 'warning', 'FILE_TAMPERED')]);
    await clock.elapse(0);
    expect(pager.taken.slice(6)).toEqual([
      'b SECRET_REVOKED critical 00:00 firing',
      'b SECRET_REVOKED critical 00:00 resolved',
      'a FILE_TAMPERED warning 00:00 firing',
    ]);
  });

  it('is in the record each time', async () => {
    await flap(5);
    expect(told(record)).toHaveLength(10);
  });

  it('that became worse while it was held back is told as it is then', async () => {
    await flap(3);
    router.update('a', [alertAt(10, 'warning')]);
    await clock.elapse(30_000);
    router.update('a', [alertAt(10, 'critical')]);
    await clock.elapse(60_000);
    expect(pager.notices.slice(6)).toMatchObject([{ status: 'firing', severity: 'critical', flapped: 0 }]);
  });

  it('is told to a new channel only when it is told to the others', async () => {
    await flap(3);
    router.update('a', [alertAt(10)]);
    const other = new TestChannel('other');
    await router.useChannels([pager, other]);
    await clock.elapse(59_000);
    expect(other.notices).toEqual([]);
    await clock.elapse(1_000);
    expect(other.notices).toHaveLength(1);
  });
});

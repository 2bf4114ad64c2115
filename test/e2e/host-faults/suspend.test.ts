import { readdir, readFile, readlink } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { sendOverSocket } from '../../../src/client/socket-request.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { isServed, nothingWasSpentTwice, troubleIsOver } from '../../support/host-trouble.ts';
import { Installation } from '../../support/installation.ts';
import { describePart } from '../../support/parts.ts';

/**
 * A host that sleeps: the daemon is stopped, the clock that counts through a suspend goes on, and the daemon goes on without
 * having been told. (SIGSTOP, and meanwhile libfaketime moves the clock by what a test cannot wait for.)
 */

const minute = 60;

async function running(rate = 1) {
  const site = await Installation.create();
  const time = await FakeTime.in(site.folder, { moves: 'all', rate });
  await site.provision();
  const daemon = site.run({ env: { ...site.env, ...time.env } });
  await daemon.logged('state-changed', { state: 'active' });
  return { site, time, daemon };
}

/** Asks for the token; the sequence that came, or null where none was to be had. */
async function askedFor(site: Installation): Promise<number | null> {
  const path = `/v1/agents/${site.agent}/token`;
  const { status, body } = await sendOverSocket(site.socketPath, {
    method: 'GET',
    path,
    body: null,
    timeoutMs: 30_000,
  });
  expect([200, 503]).toContain(status);
  return status === 200 ? (JSON.parse(body) as { sequence: number }).sequence : null;
}

describePart(['faketime'], 'a suspend of the host', () => {
  it('beyond the life of the token: the dead one is never served, and a new one comes at once', async () => {
    const { site, time, daemon } = await running();
    await using _ = site;
    daemon.signal('SIGSTOP');
    // these are the first things that the daemon sees when it goes on
    const asked = Array.from({ length: 20 }, () => askedFor(site));
    await time.set(31 * minute);
    daemon.signal('SIGCONT');
    for (const sequence of await Promise.all(asked)) expect([null, 2]).toContain(sequence);
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });

  it('beyond the planned refresh: the token that still lives is served, and a new one comes at once', async () => {
    const { site, time, daemon } = await running();
    await using _ = site;
    daemon.signal('SIGSTOP');
    const asked = Array.from({ length: 20 }, () => askedFor(site));
    await time.set(28 * minute);
    daemon.signal('SIGCONT');
    for (const sequence of await Promise.all(asked)) expect([1, 2]).toContain(sequence);
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });

  it('is noticed within 30 s where nothing wakes the daemon', async () => {
    const rate = 5;
    const { site, time, daemon } = await running(rate);
    await using _ = site;
    await isAsleep(daemon.pid);
    await time.set(31 * minute);
    const from = performance.now();
    // the daemon is not asked: that would wake it
    await eventually(() => expect(site.exchanges).toBe(2), { withinMs: 20_000 });
    expect(((performance.now() - from) / 1_000) * rate).toBeLessThan(30);
    await troubleIsOver(site, 2);
  });

  it('in the middle of an exchange: the answer that came meanwhile is taken, however late', async () => {
    const { site, time, daemon } = await running();
    await using _ = site;
    site.emulator.addFault({ kind: 'latency', endpoint: 'exchange', when: 'after-commit', latencyMs: 300 });
    const refreshed = site.client.refresh(site.agent);
    await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(2));
    daemon.signal('SIGSTOP');
    await time.set(28 * minute);
    await answerIsWaiting(daemon.pid);
    daemon.signal('SIGCONT');
    await refreshed;
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(daemon.events('exchange-failed')).toEqual([]);
    expect(site.exchanges).toBe(2);
    nothingWasSpentTwice(site, 2);
  });
});

/** It has done nothing for a second, and so will do nothing before its next timer (proc(5), `status`). */
async function isAsleep(pid: number): Promise<void> {
  const turns = async () => {
    const status = await readFile(`/proc/${pid}/task/${pid}/status`, 'utf8');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
  };
  let seen = { turns: -1, since: performance.now() };
  await eventually(
    async () => {
      const now = { turns: await turns(), since: performance.now() };
      if (now.turns !== seen.turns) seen = now;
      expect(now.since - seen.since).toBeGreaterThan(1_000);
    },
    { withinMs: 20_000 },
  );
}

/** Bytes lie unread in a TCP connection of the process (proc(5), `net/tcp`). */
async function answerIsWaiting(pid: number): Promise<void> {
  await eventually(async () => {
    const inodes = await socketInodes(pid);
    const lines = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').slice(1, -1);
    const unread = lines
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, , , , queues = '', , , , , inode = '']) => inodes.has(inode) && !queues.endsWith(':00000000'),
      );
    expect(unread).not.toEqual([]);
  });
}

async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`)));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { openDescriptors } from '../../support/descriptors.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { HeapWatch } from './heap.ts';
import { ManyClients } from './many-clients.ts';

const pollers = 2500;
const followers = 2500;
const rotations = 5;
const mebibyte = 1024 * 1024;

/**
 * What V8 and the kernel may keep of a round at their own will: garbage that no collection has reached yet, and pages that are
 * not given back. 5 000 connections weigh about 100 MiB while they stand, so even a tenth of them left over shows.
 */
const slackBytes = 24 * mebibyte;

async function residentBytes({ pid }: Daemon): Promise<number> {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** How many the daemon counts as waiting, of both kinds. */
async function watchers(site: Installation): Promise<readonly number[]> {
  const { body } = await site.ask('/metrics');
  return ['wait', 'events'].map((kind) =>
    Number(new RegExp(`^tokenward_watchers\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(body)?.[1]),
  );
}

/** Everybody comes, sees all rotations, and goes. Resolves to what each of them was told. */
async function round(site: Installation, clients: ManyClients): Promise<Readonly<Record<string, number>>> {
  const patience = { withinMs: 20_000 };
  const everybodyWaits = () =>
    eventually(async () => expect(await watchers(site)).toEqual([pollers, followers]), patience);
  const path = `/v1/agents/${site.agent}`;
  await clients.open({ socketPath: site.socketPath, path, pollers, followers });
  await everybodyWaits();
  for (let left = rotations; left > 0; left -= 1) {
    const status = await site.client.refresh(site.agent);
    await clients.reach(status.token.sequence);
    await everybodyWaits();
  }
  const histories = await clients.close();
  await eventually(async () => expect(await watchers(site)).toEqual([0, 0]), patience);
  return histories;
}

it('5 000 watchers on one socket see each rotation once and in order, and nothing is left of them', async () => {
  await using site = await Installation.create();
  await site.provision();
  const heapWatch = await HeapWatch.in(join(site.folder, 'heap'));
  const daemon = site.run({ env: { ...site.env, NODE_OPTIONS: heapWatch.nodeOptions } });
  await site.reaches({ state: 'active', token: { sequence: 1 } });
  const heapBefore = await heapWatch.look(daemon);
  const descriptorsBefore = await openDescriptors(daemon.pid);
  await using clients = new ManyClients();

  const resident: number[] = [];
  for (const expected of ['1,2,3,4,5,6', '6,7,8,9,10,11']) {
    expect(await round(site, clients)).toEqual({ [expected]: pollers + followers });
    await eventually(async () => expect(await openDescriptors(daemon.pid)).toBe(descriptorsBefore));
    resident.push(await residentBytes(daemon));
  }

  const [first = 0, second = 0] = resident;
  expect(second - first).toBeLessThan(slackBytes);
  const heapAfter = await heapWatch.look(daemon);
  console.log({
    heapBefore: heapBefore.bytes / mebibyte,
    heapAfter: heapAfter.bytes / mebibyte,
    first: first / mebibyte,
    second: second / mebibyte,
    sr: ['ServerResponse', 'IncomingMessage', 'Socket', 'EventStream', 'AbortController'].map((c) => [
      c,
      heapAfter.count(c),
      heapBefore.count(c),
    ]),
  });
  expect(daemon.events('connections-refused')).toEqual([]);
});

import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { Installation } from '../../support/installation.ts';
import { filesIn } from '../bad-input/kept.ts';
import { expectAlert } from '../bad-input/told.ts';

/**
 * Every kind of sealed record, damaged in every part while no daemon runs. One agent for each combination, so that one daemon
 * meets them all at once: nothing is taken for absent, nothing overwritten, nothing sent, and none disturbs another.
 */

const records = ['journal', 'session', 'secret', 'candidate', 'raw'] as const;

/** A bit of the byte at `offset` from the front (from the end where negative); the parts of a record are in `seal.ts`. */
function flipped(offset: number): (content: Buffer) => Buffer {
  return (content) => {
    const copy = Buffer.from(content);
    const at = offset < 0 ? copy.length + offset : offset;
    copy[at] = copy[at]! ^ (1 << (at % 8));
    return copy;
  };
}

const damages = {
  magic: flipped(0),
  kind: flipped(5),
  generation: flipped(13),
  nonce: flipped(20),
  ciphertext: flipped(40),
  tag: flipped(-1),
  short: (content: Buffer) => content.subarray(0, -1),
  long: (content: Buffer) => Buffer.concat([content, Buffer.alloc(1)]),
  empty: () => Buffer.alloc(0),
} as const satisfies Record<string, (content: Buffer) => Buffer>;

type Damage = keyof typeof damages;

interface Case {
  readonly agent: string;
  readonly record: (typeof records)[number];
  readonly damage: Damage;
}

const cases: readonly Case[] = records.flatMap((record) =>
  (Object.keys(damages) as Damage[]).map((damage) => ({ agent: `${record}.${damage}`, record, damage })),
);

const eachAgent = <T>(work: (each: Case) => Promise<T>): Promise<T[]> => Promise.all(cases.map(work));

function configure(site: Installation, inDoubt: 'halt' | 'replay_once'): Promise<void> {
  const agents = Object.fromEntries(cases.map(({ agent }) => [agent, { in_doubt: inDoubt }]));
  return site.configure({ agents });
}

/** The code that a request is refused with; `none` where it is granted. */
async function refusal(request: Promise<unknown>): Promise<string> {
  const { code } = await request.then(
    () => ({ code: 'none' }),
    (error: { code: string }) => error,
  );
  return code;
}

/** Brings every agent to a state with all five records: a refused candidate beside the secret, and a garbled answer. */
async function everyRecord(site: Installation): Promise<ReadonlyMap<string, string>> {
  const daemon = site.run();
  await daemon.started();
  await eachAgent(({ agent }) =>
    site.client.handOver(agent, new Secret(site.emulator.createSecret(agent)), 20_000),
  );
  const refusals = await eachAgent(({ agent }) =>
    refusal(site.client.handOver(agent, new Secret('a wrong one'), 20_000)),
  );
  expect(new Set(refusals)).toEqual(new Set(['HANDOVER_REFUSED']));
  site.emulator.addFault({ kind: 'garbage', endpoint: 'exchange', count: 'until-cleared' });
  const doubts = await eachAgent(({ agent }) => refusal(site.client.refresh(agent)));
  expect(new Set(doubts)).toEqual(new Set(['IN_DOUBT']));
  site.emulator.clearFaults();
  await eachAgent(({ agent }) =>
    site.reaches({ state: 'blocked', alerts: [{ code: 'IN_DOUBT' }] }, { agent }),
  );
  const tokens = await eachAgent(async ({ agent }) => [agent, await site.token(agent)] as const);
  await daemon.end('SIGKILL');
  return new Map(tokens);
}

async function damageAll(site: Installation): Promise<void> {
  await eachAgent(async ({ agent, record, damage }) => {
    const folder = join(site.stateDir, 'agents', agent);
    const [name] = (await readdir(folder)).filter((each) => each.startsWith(record));
    const path = join(folder, name ?? '');
    await writeFile(path, damages[damage](await readFile(path)));
  });
}

it(`${cases.length} damaged records are told, and block their own agent only`, async () => {
  await using site = await Installation.create({ emulator: { policy: 'until-first-use' } });
  await configure(site, 'halt');
  const tokens = await everyRecord(site);
  const backup = join(site.folder, 'backup');
  await cp(site.stateDir, backup, { recursive: true });
  await damageAll(site);
  const damaged = await filesIn(site.stateDir);
  const { exchanges } = site;

  const daemon = site.run();
  await daemon.started();
  await eachAgent(async ({ agent, record }) => {
    const hasToken = record !== 'session';
    const status = await site.reaches(
      { state: 'blocked', token: { status: hasToken ? 'valid' : 'none' }, secret: { status: 'blocked' } },
      { agent },
    );
    expectAlert(status, {
      code: 'STATE_UNREADABLE',
      severity: 'critical',
      says: ['cannot be opened with the wrapping key', 'restore the key or the files from a backup'],
    });
    await daemon.logged('alert-firing', { code: 'STATE_UNREADABLE', agent });
    if (hasToken) expect((await site.token(agent)) === tokens.get(agent)).toBe(true);
    else expect(await refusal(site.token(agent))).not.toBe('none');
    expect(await refusal(site.client.refresh(agent))).toBe('STATE_UNREADABLE');
    expect(await refusal(site.client.handOver(agent, new Secret('another'), 1_000))).toBe('STATE_UNREADABLE');
  });
  await daemon.end();
  expect(await filesIn(site.stateDir), 'nothing was overwritten').toEqual(damaged);
  expect(site.exchanges, 'nothing was sent').toBe(exchanges);

  await rm(site.stateDir, { recursive: true });
  await cp(backup, site.stateDir, { recursive: true });
  await configure(site, 'replay_once');
  site.run();
  await eachAgent(async ({ agent }) => {
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 2 }, alerts: [] }, { agent });
    expect(site.emulator.state().secrets[agent]).toMatchObject({ spentSecretUses: 0, revokedSecretUses: 0 });
  });
});

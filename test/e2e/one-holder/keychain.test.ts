import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import type { Installation } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { matching } from '../../support/matching.ts';
import { describePart } from '../../support/parts.ts';
import { childrenOf } from '../../support/processes.ts';
import { openFilesOf } from './inventory.ts';
import { Variant } from './variant.ts';

/** One keychain item, and more than one who means it. */

const patience = { withinMs: 40_000 };

/** A busy machine is no reason to call the keyring hung. */
const patientSite = { config: { agent: { secret: { store: 'keychain', deadline: '20s' } } } } as const;

async function held(site: Installation, generation: number): Promise<void> {
  await site.reaches({ state: 'active', secret: { status: 'held', generation }, alerts: [] }, patience);
}

function nothingSpentTwice(site: Installation, generation: number): void {
  expect(site.emulator.state()).toMatchObject({
    exchanges: { total: generation, refused: 0 },
    secrets: { [site.agent]: { generation, spentSecretUses: 0 } },
  });
}

const mismatch = {
  state: 'blocked',
  token: { status: 'none' },
  alerts: [{ code: 'STORE_MISMATCH', severity: 'critical' }],
};

describePart(keyringParts, 'two state folders that name one keychain item', () => {
  it('have one holder at a time, and the second folder can neither use nor overwrite the item', async () => {
    await using kept = await createKeychainSite(patientSite);
    const { site } = kept;
    await site.provision();
    const holder = site.run();
    await held(site, 1);
    const variant = await Variant.create(site, 'second', () => ({
      state_dir: join(site.folder, 'second-state'),
    }));
    const second = variant.run();
    await second.logged('standby', { holder_pid: holder.pid });
    expect(await variant.cli(['import', site.agent], 'another secret')).toMatchObject({
      exitCode: 75,
      stderr: matching(`process ${holder.pid} holds the agent`),
    });

    await holder.end('SIGKILL');
    await second.started();
    expect(await variant.client.status(site.agent)).toMatchObject(mismatch);
    for (const [args, stdin] of [
      [['refresh', site.agent], ''],
      [['import', site.agent], 'another secret'],
    ] as const) {
      expect(await variant.cli(args, stdin)).toMatchObject({
        exitCode: 78,
        stdout: '',
        stderr: matching(/another state folder wrote.*\(STORE_MISMATCH\)/),
      });
    }
    nothingSpentTwice(site, 1);

    const back = site.run();
    await back.logged('standby', { holder_pid: second.pid });
    await second.end('SIGTERM');
    // the item has what the first folder wrote
    await held(site, 1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    nothingSpentTwice(site, 2);
  });
});

describePart(keyringParts, 'a state folder that was removed and made again', () => {
  it('is noticed by the holder, and by everyone who comes after it', async () => {
    await using kept = await createKeychainSite(patientSite);
    const { site } = kept;
    await site.provision();
    const holder = site.run();
    await held(site, 1);
    const away = join(site.folder, 'away');
    await rename(site.stateDir, away);
    await mkdir(join(site.stateDir, 'agents', site.agent), { recursive: true, mode: 0o700 });
    expect(await site.cli(['refresh', site.agent])).toMatchObject({
      exitCode: 75,
      stderr: matching(/was removed while in use.*\(STORE_UNAVAILABLE\)/),
    });
    await site.reaches({ state: 'degraded', token: { status: 'valid' } });

    await holder.end('SIGTERM');
    const next = site.run();
    await site.reaches(mismatch);
    expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 78 });
    await next.end('SIGTERM');
    nothingSpentTwice(site, 1);

    await rm(site.stateDir, { recursive: true });
    await rename(away, site.stateDir);
    site.run();
    await held(site, 1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    nothingSpentTwice(site, 2);
  });
});

/** The process whose number is in the agent's lock file. */
async function holderPid(site: Installation): Promise<number> {
  return Number(await readFile(join(site.stateDir, 'agents', site.agent, 'lock'), 'utf8'));
}

/** The process that asks the keychain, once there is one. */
async function keychainChildOf({ pid }: Daemon): Promise<number> {
  return eventually(async () => {
    const [child] = await childrenOf(pid);
    expect(child).toBeDefined();
    return child?.pid ?? 0;
  }, patience);
}

describePart(keyringParts, 'a holder that is killed while it waits for a keyring that hangs', () => {
  it('leaves its locks to a standby at once: its child has no part in them', async ({ annotate }) => {
    await using kept = await createKeychainSite(patientSite);
    const { site, keyring } = kept;
    await site.provision();
    const holder = site.run();
    await held(site, 1);
    const standby = site.run();
    await standby.logged('standby', { holder_pid: holder.pid });

    keyring.signalDaemon('SIGSTOP');
    void site.client.refresh(site.agent).catch(() => {});
    const child = await keychainChildOf(holder);
    expect((await openFilesOf(holder.pid)).filter((path) => path.endsWith('/lock'))).toHaveLength(1);
    expect((await openFilesOf(child)).filter((path) => /\/lock$|\/run\/lock\//.test(path))).toEqual([]);

    const killedAt = performance.now();
    await holder.end('SIGKILL');
    await eventually(async () => expect(await holderPid(site)).toBe(standby.pid), patience);
    const tookMs = Math.round(performance.now() - killedAt);
    await annotate(`from the kill to the lock of the next holder: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(2_000);

    keyring.signalDaemon('SIGCONT');
    await held(site, 1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    nothingSpentTwice(site, 2);
  });
});

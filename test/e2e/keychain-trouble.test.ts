import { expect, it } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import type { Installation } from '../support/installation.ts';
import { createKeychainSite } from '../support/keychain-site.ts';
import { keyringParts } from '../support/keyring.ts';
import { matching } from '../support/matching.ts';
import { describePart } from '../support/parts.ts';

/** A keyring that is locked, hangs or is gone: nothing is sent that could not be kept, and it heals by itself. */

/** Refreshes about every second by itself. */
const eager = { ttl: '1m', refresh: { at: 0.02, jitter: 0.005 } };

const patience = { withinMs: 40_000 };

/** Waits for the trouble, and for a token that is served in spite of it. Resolves to what the alert says. */
async function troubled(site: Installation, told: RegExp): Promise<AgentStatus> {
  return site.reaches(
    {
      state: 'degraded',
      token: { status: 'valid' },
      secret: { status: 'unreachable' },
      alerts: [{ code: 'STORE_UNAVAILABLE', severity: 'warning', summary: matching(told) }],
    },
    patience,
  );
}

describePart(keyringParts, 'a keyring that is locked', () => {
  it('at the start: the agent waits without a request to the server, and goes on when it is unlocked', async () => {
    await using kept = await createKeychainSite();
    const { site, keyring } = kept;
    await site.provision();
    const before = site.run();
    const { token } = await site.reaches({ state: 'active' });
    await before.end('SIGKILL');

    await keyring.lock();
    site.run();
    await site.reaches(
      {
        state: 'acquiring',
        token: { status: 'none' },
        secret: { status: 'unreachable' },
        alerts: [
          {
            code: 'STORE_UNAVAILABLE',
            severity: 'critical',
            summary: matching(/locked/),
          },
        ],
      },
      patience,
    );
    expect(await site.cli(['token', site.agent])).toMatchObject({ exitCode: 75, stdout: '' });
    expect(await site.cli(['refresh', site.agent])).toMatchObject({
      exitCode: 75,
      stderr: matching(/locked.*\(STORE_UNAVAILABLE\)/),
    });
    expect(site.exchanges).toBe(1);

    await keyring.unlock();
    await site.reaches({ state: 'active', token: { fingerprint: token.fingerprint }, alerts: [] }, patience);
    expect(site.exchanges).toBe(1);
  });

  it('while the daemon runs: the token is served, and nothing is sent', async () => {
    await using kept = await createKeychainSite({ config: { agent: eager } });
    const { site, keyring } = kept;
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    await keyring.lock();
    await troubled(site, /locked/);
    const { exchanges } = site;
    await site.token();
    expect(site.exchanges).toBe(exchanges);

    await keyring.unlock();
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] }, patience);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
  });
});

describePart(keyringParts, 'a keyring that hangs', () => {
  it('delays no token and sends nothing; when it answers again all goes on', async () => {
    await using kept = await createKeychainSite({ config: { agent: eager } });
    const { site, keyring } = kept;
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    keyring.signalDaemon('SIGSTOP');
    await troubled(site, /did not answer within 2000 ms/);

    const { exchanges } = site;
    const latencies: number[] = [];
    for (const _ of Array(200).keys()) {
      const from = performance.now();
      await site.token();
      latencies.push(performance.now() - from);
    }
    latencies.sort((a, b) => a - b);
    expect(latencies[100]).toBeLessThan(50);
    // a call to the keyring takes its whole deadline meanwhile
    expect(latencies.at(-1)).toBeLessThan(1_000);
    expect(site.exchanges).toBe(exchanges);

    keyring.signalDaemon('SIGCONT');
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] }, patience);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
  });

  it('does not keep the daemon from its end', async () => {
    await using kept = await createKeychainSite({ config: { agent: eager } });
    const { site, keyring } = kept;
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    keyring.signalDaemon('SIGSTOP');
    await troubled(site, /did not answer/);
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    keyring.signalDaemon('SIGCONT');
    site.run();
    await site.reaches({ state: 'active' }, patience);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
  });
});

describePart(keyringParts, 'a keyring that is gone', () => {
  it('costs no token and no secret', async () => {
    await using kept = await createKeychainSite({ config: { agent: eager } });
    const { site, keyring } = kept;
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    await keyring.killDaemon();
    await troubled(site, /./);
    const { exchanges } = site;
    await site.token();
    expect(site.exchanges).toBe(exchanges);

    await keyring.startDaemon();
    await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] }, patience);
    expect(site.emulator.state().secrets[site.agent]).toMatchObject({ spentSecretUses: 0 });
  });
});

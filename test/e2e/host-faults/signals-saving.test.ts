import { expect, it } from 'vitest';
import { isServed, troubleIsOver } from '../../support/host-trouble.ts';
import { keyringFaults } from '../../support/keyring-faults.ts';
import { answeredInto, refreshIsRefused, running } from '../../support/keyring-situations.ts';
import { keyringParts } from '../../support/keyring.ts';
import { matching } from '../../support/matching.ts';
import { describePart } from '../../support/parts.ts';

/** The daemon is told to end while a new secret waits for its keyring. */

/** Milliseconds, where the end of the grace is waited for. */
const graceMs = 3_000;
const [locked, stopped] = keyringFaults;

/** A daemon that has a token whose secret is not in the keyring, and has just been told to end. */
async function endingUnsaved(fault = locked!, grace: string = `${graceMs}ms`) {
  await using making = new AsyncDisposableStack();
  const kept = making.use(await running({ exchange_deadline: '2s' }, { shutdown_grace: grace }));
  const { site, keyring } = kept;
  await answeredInto(fault, kept);
  await site.reaches({ secret: { status: 'memory_only' } });
  const [daemon] = site.daemons.slice(-1);
  const from = performance.now();
  daemon!.signal('SIGTERM');
  await daemon!.logged('stopping');
  making.move();
  return { kept, site, keyring, fault, daemon: daemon!, elapsedMs: () => performance.now() - from };
}

describePart(keyringParts, 'SIGTERM while a save is tried again', () => {
  it.concurrent('waits for the keyring, and ends when the secret is saved', async () => {
    const { kept, site, keyring, fault, daemon } = await endingUnsaved(locked, '25s');
    await using _ = kept;
    await isServed(site, 2);
    await fault.mend(keyring);
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stderr: '' });
    site.run();
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });

  it.concurrent.each([
    ['locked', locked],
    ['stopped', stopped],
  ] as const)('waits for one that stays %s up to shutdown_grace, and says so', async (_name, fault) => {
    const { kept, site, keyring, daemon, elapsedMs } = await endingUnsaved(fault);
    await using _ = kept;
    await isServed(site, 2);
    expect(await daemon.ended()).toMatchObject({
      exitCode: 75,
      stderr: matching(/could not be saved; mend the store and start again.*\(SECRET_NOT_PERSISTED\)/),
    });
    expect(elapsedMs()).toBeGreaterThan(graceMs - 100);
    expect(elapsedMs()).toBeLessThan(graceMs + 10_000);
    await daemon.logged('stopped-with-unsaved-secret');

    await fault!.mend(keyring);
    site.run();
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });

  it.concurrent('ends at once at the second one, and the next start saves what the journal has', async () => {
    const { kept, site, keyring, fault, daemon, elapsedMs } = await endingUnsaved();
    await using _ = kept;
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 128 + 15, stderr: '' });
    expect(elapsedMs()).toBeLessThan(graceMs - 500);
    await fault.mend(keyring);
    site.run();
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });
});

describePart(keyringParts, 'SIGTERM while the keyring hangs and nothing is unsaved', () => {
  it('ends the daemon at once', async () => {
    await using kept = await running();
    const { site, keyring } = kept;
    keyring.signalDaemon('SIGSTOP');
    await refreshIsRefused(site, 'STORE_UNAVAILABLE', /did not answer/);
    const from = performance.now();
    expect(await site.daemons.at(-1)!.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' });
    // a call that is under way takes its deadline of 2 s at most
    expect(performance.now() - from).toBeLessThan(5_000);
    keyring.signalDaemon('SIGCONT');
    site.run();
    await troubleIsOver(site, 1);
    expect(site.exchanges).toBe(1);
  });
});

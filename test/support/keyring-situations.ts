import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import {
  isServed,
  nothingIsServed,
  nothingWasSpentTwice,
  troubleIsOver,
  troubleStands,
} from './host-trouble.ts';
import type { ConfigOverrides, Installation } from './installation.ts';
import { createKeychainSite, type KeychainSite } from './keychain-site.ts';
import type { KeyringFault } from './keyring-faults.ts';
import { matching } from './matching.ts';

/** The moments at which a keyring can fail, each with all that must hold then, whatever way it fails in. */

/** Before the start: the agent waits without a request to the server, and goes on with the token that it had. */
export async function faultBeforeStart({ strike, mend, told }: KeyringFault): Promise<void> {
  await using kept = await createKeychainSite();
  const { site, keyring } = kept;
  await site.provision();
  const before = site.run();
  const { token } = await site.reaches({ state: 'active' });
  await before.end('SIGKILL');
  await strike(keyring);

  site.run();
  await troubleStands(site, {
    state: 'acquiring',
    token: 'none',
    secret: 'unreachable',
    code: 'STORE_UNAVAILABLE',
    severity: 'critical',
    told,
  });
  await nothingIsServed(site);
  await refreshIsRefused(site, 'STORE_UNAVAILABLE', told);
  await triedAgain(site, 'open-failed');
  expect(site.exchanges).toBe(1);

  await mend(keyring);
  const { token: same } = await troubleIsOver(site, 1);
  expect(same.fingerprint).toBe(token.fingerprint);
  await isServed(site, 1);
  expect(site.exchanges).toBe(1);
}

/** While the daemon runs, with a refresh due: the token is served, nothing is sent, and the refresh is made up for. */
export async function faultWhileRunning({ strike, mend, told }: KeyringFault): Promise<void> {
  await using kept = await running({ ttl: '1m', refresh: { at: 0.1, jitter: 0.005 } });
  const { site, keyring } = kept;
  await strike(keyring);
  const { token } = await troubleStands(site, {
    state: 'degraded',
    token: 'valid',
    secret: 'unreachable',
    code: 'STORE_UNAVAILABLE',
    severity: 'warning',
    told,
  });
  await triedAgain(site, 'store-failed');
  await refreshIsRefused(site, 'STORE_UNAVAILABLE', told);
  await isServed(site, token.sequence);
  expect(site.exchanges).toBe(token.sequence);

  await mend(keyring);
  // which lasts until the next refresh, 6 s later
  await troubleIsOver(site, token.sequence + 1);
  await isServed(site, token.sequence + 1);
}

/** Between the server's answer and the saving of the new secret: it is served, kept in the journal, and saved by itself. */
export async function faultBeforeSaving(fault: KeyringFault): Promise<void> {
  await using kept = await running();
  const { site, keyring } = kept;
  await answeredInto(fault, kept);
  await unsavedStands(site, fault);
  await isServed(site, 2);
  await refreshIsRefused(site, 'SECRET_NOT_PERSISTED', /saved/);
  await triedAgain(site, 'save-failed');
  expect(site.exchanges).toBe(2);

  await fault.mend(keyring);
  await troubleIsOver(site, 2);
  await isServed(site, 2);
  expect(site.exchanges).toBe(2);
  await site.client.refresh(site.agent);
  nothingWasSpentTwice(site, 3);
}

/** The same, and the daemon is killed with the secret unsaved: the answer in the journal is all that is left, and enough. */
export async function killBeforeSaving(fault: KeyringFault): Promise<void> {
  await using kept = await running();
  const { site, keyring } = kept;
  await answeredInto(fault, kept);
  await unsavedStands(site, fault);
  const { fingerprint } = (await site.client.status(site.agent)).token;
  await site.daemons.at(-1)?.end('SIGKILL');

  site.run();
  await troubleStands(site, {
    state: 'acquiring',
    token: 'none',
    secret: 'unreachable',
    code: 'STORE_UNAVAILABLE',
    severity: 'critical',
    told: fault.told,
  });
  await nothingIsServed(site);
  await fault.mend(keyring);
  const { token } = await troubleIsOver(site, 2);
  expect(token).toMatchObject({ fingerprint, sequence: 2 });
  await isServed(site, 2);
  expect(site.exchanges).toBe(2);
  await site.client.refresh(site.agent);
  nothingWasSpentTwice(site, 3);
}

/** A daemon with its first token, at rest. Without other settings no refresh is due for long. */
export async function running(
  agent: ConfigOverrides['agent'] = {},
  top: ConfigOverrides['top'] = {},
): Promise<KeychainSite> {
  await using making = new AsyncDisposableStack();
  const secret = { store: 'keychain', deadline: '3s' };
  const kept = making.use(await createKeychainSite({ config: { agent: { secret, ...agent }, top } }));
  const { site } = kept;
  await site.provision();
  await site.run().logged('state-changed', { state: 'active' });
  making.move();
  return kept;
}

/** The keyring fails when the server has committed to an exchange, and before its answer arrives. */
export async function answeredInto(fault: KeyringFault, { site, keyring }: KeychainSite): Promise<void> {
  const { granted } = site.emulator.state().exchanges;
  site.emulator.addFault({ kind: 'latency', endpoint: 'exchange', when: 'after-commit', latencyMs: 1_500 });
  // whoever asked is told in the end; here the server's side tells when
  void site.client.refresh(site.agent).catch(() => {});
  await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(granted + 1), {
    withinMs: 20_000,
  });
  await fault.strike(keyring);
  expect(site.daemons.at(-1)?.events('answer-durable')).toHaveLength(granted);
}

async function unsavedStands(site: Installation, { told }: KeyringFault): Promise<void> {
  await troubleStands(site, {
    state: 'degraded',
    token: 'valid',
    secret: 'memory_only',
    code: 'SECRET_NOT_PERSISTED',
    severity: 'critical',
    told: new RegExp(`${told.source}.*kept in the journal, so that a restart loses nothing`),
  });
  expect(site.daemons.at(-1)?.events('answer-durable')).toHaveLength(2);
}

export async function refreshIsRefused(site: Installation, code: string, told: RegExp): Promise<void> {
  const { exitCode, stderr } = await site.cli(['refresh', site.agent]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 75, stderr: matching(`(${code})`) });
  expect(stderr).toMatch(told);
}

/** The daemon has seen the fault more than once: it asks again by itself. */
async function triedAgain(site: Installation, event: string): Promise<void> {
  await eventually(() => expect(site.daemons.at(-1)?.events(event).length).toBeGreaterThan(1), {
    withinMs: 40_000,
  });
}

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FakeTime } from '../../support/fake-time.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringFaults } from '../../support/keyring-faults.ts';
import { keyringParts } from '../../support/keyring.ts';
import { matching } from '../../support/matching.ts';
import { describePart } from '../../support/parts.ts';
import { throwAwayTls } from '../../support/throw-away-tls.ts';
import { days, doctor, expectFailing, runningSite, siteWith, wellSite } from './site.ts';

/** What is wrong around a host that is well itself: exit code 69, and the next step. */

describe('a server', () => {
  it('that is down', async () => {
    await using site = await wellSite();
    await site.emulator.close();
    expectFailing(await doctor(site), 69, {
      'server-connection': [/refused the connection$/, /is it up.*curl -v https/],
    });
  });

  it('whose certificate has expired', async () => {
    await using site = await siteWith(days(-9, -2));
    expectFailing(await doctor(site), 69, {
      'server-tls': [/^the certificate of 127\.0\.0\.1 expired on/, /^renew it on the server/],
      'server-certificate': [
        /log server, issued by authority of the log server, expired on/,
        /openssl s_client/,
      ],
    });
    expect(site.exchanges).toBe(0);
  });

  it('that this host does not trust', async () => {
    await using site = await wellSite();
    await writeFile(site.caFile, throwAwayTls().ca);
    expectFailing(await doctor(site), 69, {
      'server-tls': [/not signed by the CA in tls\.ca_file/, /^put the CA's certificate there/],
    });
  });

  it('whose certificate nears its end, which is a warning', async () => {
    await using site = await siteWith(days(-1, 12));
    const { exitCode, troubles } = await doctor(site);
    expect(exitCode).toBe(0);
    expect(troubles).toContainEqual(
      expect.objectContaining({
        id: 'server-certificate',
        status: 'warning',
        detail: matching('11 days left'),
      }),
    );
  });
});

describePart(['faketime'], 'a clock', () => {
  it.each([
    [-120, 0, 'warning', /^our clock is \S+ behind the server's/],
    [3_600, 69, 'failing', /^our clock is \S+ ahead of the server's/],
  ] as const)('that is %d s from the truth', async (offset, exitCode, status, detail) => {
    await using site = await wellSite();
    const time = await FakeTime.in(site.folder, { moves: 'wall' });
    await time.set(offset);
    const told = await doctor(site, [], { env: time.env });
    expect(told.exitCode).toBe(exitCode);
    expect(told.troubles).toContainEqual(
      expect.objectContaining({
        id: 'server-clock',
        status,
        detail: matching(detail),
        mend: matching('timedatectl set-ntp true'),
      }),
    );
  });
});

it('a critical alert of the running daemon', async () => {
  await using site = await runningSite();
  site.emulator.revoke(site.agent);
  await site.cli(['refresh', site.agent]);
  await site.reaches({ state: 'revoked' });
  const { exchanges } = site;
  expectFailing(await doctor(site), 69, { 'daemon-alert': [/refuse|revoked/, /enroll/] });
  expect(site.exchanges).toBe(exchanges);
});

/** With a deadline that a busy machine keeps. */
function keychainSite() {
  return createKeychainSite({ config: { agent: { secret: { store: 'keychain', deadline: '10s' } } } });
}

describePart(keyringParts, 'a keyring', () => {
  it('that holds the secret is asked, and nothing in it changes', async () => {
    await using kept = await keychainSite();
    const { site, keyring } = kept;
    const absent = await doctor(site);
    expect(absent.troubles).toContainEqual(
      expect.objectContaining({ id: 'secret-store', status: 'warning', code: 'SECRET_ABSENT' }),
    );
    await site.provision();
    const items = await keyring.items();
    const { lines } = await doctor(site);
    expect(lines).toContainEqual(
      expect.objectContaining({
        id: 'secret-store',
        status: 'ok',
        detail: 'the store answers and opens: candidate',
      }),
    );
    expect(await keyring.items()).toEqual(items);
  });

  it.each(keyringFaults)('that is $name', async ({ name, strike, told }) => {
    await using kept = await keychainSite();
    const { site, keyring } = kept;
    await site.provision();
    if (name === 'stopped')
      await site.configure({ agent: { secret: { store: 'keychain', deadline: '1s' } } });
    await strike(keyring);
    const { exitCode, troubles } = await doctor(site);
    expect(exitCode).toBe(69);
    const line = troubles.find(({ id }) => id === 'secret-store');
    expect(line).toMatchObject({ status: 'failing' });
    expect(`${line?.detail}; ${line?.mend}`).toMatch(told);
  });

  it('is not asked beside a daemon, whose word counts', async () => {
    await using kept = await keychainSite();
    const { site, keyring } = kept;
    await site.provision();
    await site.run().logged('state-changed', { state: 'active' });
    keyring.signalDaemon('SIGSTOP'); // whoever asked would wait, and say so
    const { lines } = await doctor(site);
    keyring.signalDaemon('SIGCONT');
    expect(lines).toContainEqual(
      expect.objectContaining({
        id: 'secret-store',
        status: 'ok',
        detail: 'the daemon says: held, generation 1',
      }),
    );
  });
});

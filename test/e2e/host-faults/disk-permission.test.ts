import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Witness, type Seen } from '../../support/witness.ts';

/** Somebody changes owners and modes under a daemon that is not root. */

const { alice } = strangers;

/** An installation that another user runs. */
async function installationFor(uid: number): Promise<Installation> {
  const site = await Installation.create();
  for (const path of [site.folder, site.stateDir]) await chown(path, uid, uid);
  await chmod(site.configFile, 0o644);
  return site;
}

interface Fault extends Pick<Seen, 'says'> {
  readonly what: string;
  /** In the state folder. */
  readonly path: string;
  readonly begin: (path: string) => Promise<void>;
  readonly end: (path: string) => Promise<void>;
}

const faults: readonly Fault[] = [
  {
    what: 'the state folder is closed',
    path: '',
    says: ['permission denied', 'EACCES'],
    begin: (path) => chmod(path, 0o000),
    end: (path) => chmod(path, 0o700),
  },
  {
    what: 'the folder of the agent may only be read',
    path: 'agents/web-01',
    says: ['nothing is sent', 'EACCES', 'permissions'],
    begin: (path) => chmod(path, 0o500),
    end: (path) => chmod(path, 0o700),
  },
  {
    what: 'the folder of the agent belongs to root',
    path: 'agents/web-01',
    says: ['permission denied', 'EACCES'],
    begin: (path) => chown(path, 0, 0),
    end: (path) => chown(path, alice, alice),
  },
  {
    what: "the secret's file belongs to root",
    path: 'agents/web-01/secret.sealed',
    says: ['cannot read', 'secret.sealed (EACCES)', 'permissions'],
    begin: (path) => chown(path, 0, 0),
    end: (path) => chown(path, alice, alice),
  },
  {
    what: 'the key file belongs to root',
    path: 'wrapping.key',
    says: ['cannot read the key file', '(EACCES)', 'see to the permissions'],
    begin: (path) => chown(path, 0, 0),
    end: (path) => chown(path, alice, alice),
  },
  {
    what: 'the key file may be read by all',
    path: 'wrapping.key',
    says: ['must be 0600 or stricter', 'run: chmod 0600'],
    begin: (path) => chmod(path, 0o644),
    end: (path) => chmod(path, 0o600),
  },
];

describeRoot('permission denied, because', () => {
  it.concurrent.for(faults)('$what', async ({ path, says, begin, end }, { expect }) => {
    await using site = await installationFor(alice);
    const witness = await Witness.begin(site, { uid: alice, gid: alice });
    const place = join(site.stateDir, path);
    await begin(place);
    await witness.sees({
      code: 'STORE_UNAVAILABLE',
      exitCode: 75,
      severity: 'warning',
      status: { state: 'degraded', token: { status: 'valid' }, secret: { status: 'unreachable' } },
      says,
    });
    await end(place);
    await witness.heals();
    // a count of its own: what the witness expects may be counted for a test beside this one
    expect(site.emulator.state().secrets).toMatchObject({ 'web-01': { spentSecretUses: 0 } });
  });
});

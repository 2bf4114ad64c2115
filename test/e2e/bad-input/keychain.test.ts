import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { createKeychainSite, type KeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { expectTold, type Told } from './told.ts';

/** Commands that hand a secret to the keychain themselves, because no daemon runs. The one that it holds already must stay. */

interface Trouble extends Told {
  readonly what: string;
  readonly begin: (kept: KeychainSite) => unknown;
  readonly end: (kept: KeychainSite) => unknown;
  readonly env?: Readonly<Record<string, string>>;
}

const unreachable = {
  code: 'STORE_UNREACHABLE',
  exitCode: 69,
  says: [
    'no keychain can be reached',
    'set secret: { store: file }',
    'start gnome-keyring in the D-Bus session',
  ],
} as const;

const troubles: readonly Trouble[] = [
  {
    what: 'D-Bus is not there',
    ...unreachable,
    begin: () => {},
    end: () => {},
    env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' },
  },
  {
    what: 'no keyring is on the bus',
    ...unreachable,
    begin: ({ keyring }) => keyring.killDaemon(),
    end: ({ keyring }) => keyring.startDaemon(),
  },
  {
    what: 'the keyring is locked',
    code: 'STORE_LOCKED',
    exitCode: 75,
    says: ['the keyring is locked; unlock it', 'gnome-keyring-daemon --replace --unlock'],
    begin: ({ keyring }) => keyring.lock(),
    end: ({ keyring }) => keyring.unlock(),
  },
  {
    what: 'the keyring hangs',
    code: 'STORE_HUNG',
    exitCode: 75,
    says: ['did not answer within 2000 ms', 'unlock it, or restart gnome-keyring-daemon'],
    begin: ({ keyring }) => keyring.signalDaemon('SIGSTOP'),
    end: ({ keyring }) => keyring.signalDaemon('SIGCONT'),
  },
];

describePart(keyringParts, 'a keychain that takes no secret, because', () => {
  let kept: KeychainSite;
  let site: Installation;
  let running: Trouble | null = null;

  beforeAll(async () => {
    kept = await createKeychainSite();
    ({ site } = kept);
    await site.provision();
  });

  afterEach(() => running?.end(kept));
  afterAll(() => kept[Symbol.asyncDispose]());

  it.each(troubles)('$what', async (trouble) => {
    running = trouble;
    await trouble.begin(kept);
    const env = trouble.env ?? {};
    expectTold(await site.cli(['import', site.agent], { stdin: 'another secret', env }), trouble);
    const args = ['enroll', site.agent, '--name', 'new', '--admin-token-file', site.adminTokenFile];
    expectTold(await site.cli(args, { env }), trouble);
    expect(Object.keys(site.emulator.state().secrets)).toEqual([site.agent]);
  });

  it('still has the good one', async () => {
    running = null;
    await using daemon = site.run();
    await site.reaches({ state: 'active', secret: { generation: 1, status: 'held' }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 1, refused: 0 });
    await daemon.end();
  });
});

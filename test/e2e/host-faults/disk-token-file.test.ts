import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { expectAlert } from '../bad-input/told.ts';

/**
 * The disk of a token file fails, and that of the state does not: exchanges go on, the socket has the new token, and the file
 * keeps the whole old one until it can be replaced.
 */

const { alice } = strangers;
/** What the daemon is started through, for only root may enter the mounts (setpriv(1)). */
const asAlice = ['setpriv', `--reuid=${alice}`, `--regid=${alice}`, '--clear-groups', '--'];

/** Milliseconds until a failing file is tried again at the latest, and somewhat more. */
const healed = { withinMs: 65_000 };

const code = 'OUTPUT_FAILED';

interface Fault {
  readonly what: string;
  readonly says: readonly string[];
  readonly begin: (disk: SmallDisk) => Promise<void>;
  readonly end: (disk: SmallDisk) => Promise<void>;
}

const faults: readonly Fault[] = [
  {
    what: 'is full',
    says: ['cannot write the token file', 'ENOSPC'],
    begin: (disk) => disk.fill(),
    end: (disk) => disk.free(),
  },
  {
    what: 'is read-only',
    says: ['the file system is read-only here', 'ReadWritePaths='],
    begin: (disk) => disk.becomeReadOnly(),
    end: (disk) => disk.becomeWritable(),
  },
  {
    what: 'is closed to the daemon',
    says: [`uid ${alice} may not write to it`, 'run: chmod u+rwx '],
    begin: (disk) => chmod(disk.path(disk.folder), 0o500),
    end: (disk) => chmod(disk.path(disk.folder), 0o700),
  },
];

describeRoot('a token file whose disk', () => {
  it.concurrent.for(faults)('$what', async ({ says, begin, end }, { expect }) => {
    await using site = await Installation.create();
    const folder = join(site.folder, 'tokens');
    await mkdir(folder);
    const path = join(folder, 'token');
    await site.configure({ agent: { files: [{ path, mode: '0600' }] } });
    for (const each of [site.folder, site.stateDir]) await chown(each, alice, alice);
    await chmod(site.configFile, 0o644);
    await using disk = await SmallDisk.at(folder);
    await chown(disk.path(folder), alice, alice);
    const inFile = () => readFile(disk.path(path), 'utf8');
    const daemon = site.run({ through: [...disk.through, ...asAlice] });
    await site.reaches({ state: 'unprovisioned' });
    await site.provision();
    await site.reaches({ state: 'active', secret: { generation: 1 }, alerts: [] });
    const first = await site.token();
    await eventually(async () => expect((await inFile()) === first).toBe(true));

    await begin(disk);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    const status = await site.reaches({ state: 'active', secret: { generation: 2 }, alerts: [{ code }] });
    expectAlert(status, { code, severity: 'warning', says: [path, ...says] });
    await daemon.logged('alert-firing', { code, severity: 'warning' });
    const second = await site.token();
    expect(second === first).toBe(false);
    expect((await inFile()) === first).toBe(true);

    await end(disk);
    await site.reaches({ state: 'active', alerts: [] }, healed);
    expect((await inFile()) === second).toBe(true);
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused: 0 });
  });
});

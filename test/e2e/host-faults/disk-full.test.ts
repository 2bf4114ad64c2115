import { it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { Witness, type Seen } from '../../support/witness.ts';

/** The disk of the state folder fails under the running daemon, as a whole: nothing is sent, and it heals by itself. */

interface Fault extends Pick<Seen, 'says'> {
  readonly what: string;
  readonly begin: (disk: SmallDisk) => Promise<void>;
  readonly end: (disk: SmallDisk) => Promise<void>;
}

const faults: readonly Fault[] = [
  {
    what: 'has no byte left',
    says: ['(ENOSPC)', 'nothing is sent', 'free space'],
    begin: (disk) => disk.fill(),
    end: (disk) => disk.free(),
  },
  {
    what: 'has no inode left',
    says: ['(ENOSPC)', 'nothing is sent', 'free space'],
    begin: (disk) => disk.fillInodes(),
    end: (disk) => disk.free(),
  },
  {
    what: 'is read-only',
    says: ['(EROFS)', 'nothing is sent'],
    begin: (disk) => disk.becomeReadOnly(),
    end: (disk) => disk.becomeWritable(),
  },
  {
    what: 'is gone',
    says: ['ENOENT'],
    begin: (disk) => disk.detach(),
    end: (disk) => disk.attach(),
  },
];

describeRoot('a state folder whose disk', () => {
  it.concurrent.for(faults)('$what', async ({ says, begin, end }, { expect }) => {
    await using site = await Installation.create();
    await using disk = await SmallDisk.at(site.stateDir);
    const witness = await Witness.begin(site, { through: disk.through });
    await begin(disk);
    await witness.sees({
      code: 'STORE_UNAVAILABLE',
      exitCode: 75,
      severity: 'warning',
      status: {
        state: 'degraded',
        token: { status: 'valid' },
        secret: { status: 'unreachable', persisted: true },
      },
      says,
    });
    await end(disk);
    await witness.heals();
    // a count of its own: what the witness expects may be counted for a test beside this one
    expect(site.emulator.state().secrets).toMatchObject({ 'web-01': { spentSecretUses: 0 } });
  });
});

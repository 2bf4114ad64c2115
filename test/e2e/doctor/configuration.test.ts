import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/emulator/certificates.ts';
import { matching } from '../../support/matching.ts';
import { describeRoot } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { days, doctor, expectFailing, fileIn, wellSite } from './site.ts';

/** What a person must mend on this host: exit code 78, and the command that mends it. */

describe('a configuration', () => {
  it.each<[string, string | null, number, RegExp, RegExp]>([
    ['that is missing', null, 1, /^no configuration at/, /config\.example\.yaml/],
    [
      'with mistakes',
      'state_dir: 3\nagnts: {}\n',
      1,
      /^state_dir: expected a path, got a number$/,
      /tokenward check --config/,
    ],
    ['that is no YAML', 'a: [\n', 1, /\S/, /tokenward check --config/],
  ])('%s is all that is told', async (_what, content, atLeast, detail, mend) => {
    await using site = await wellSite();
    if (content === null) await rm(site.configFile);
    else await writeFile(site.configFile, content);
    const { exitCode, ok, lines } = await doctor(site);
    expect({ exitCode, ok }).toEqual({ exitCode: 78, ok: false });
    const told = lines.filter(({ id }) => id === 'config-file');
    expect(told.length).toBeGreaterThanOrEqual(atLeast);
    expect(told[0]).toMatchObject({ status: 'failing', detail: matching(detail), mend: matching(mend) });
    expect(new Set(lines.map(({ group }) => group))).toEqual(new Set(['configuration', 'host']));
  });

  it('that others may write is not trusted', async () => {
    await using site = await wellSite();
    await chmod(site.configFile, 0o622);
    expectFailing(await doctor(site), 78, {
      'config-file': [/may be written by others than its owner \(mode 0622\)/, /^chmod go-w .*config\.yaml$/],
    });
  });
});

it('a folder that is missing is told once, with the command that makes it', async () => {
  await using site = await wellSite();
  const path = join(site.folder, 'missing/token');
  await site.configure({ agent: { files: [{ path }] } });
  expectFailing(await doctor(site), 78, {
    'config-check': [/^the folder of the token file .* is missing$/, /^install -d -m 0755 .*missing$/],
  });
});

it('a record that does not open is a matter for a person', async () => {
  await using site = await wellSite();
  await site.provision();
  await writeFile(fileIn(site, 'wrapping.key'), `${Buffer.alloc(32).toString('base64')}\n`);
  expectFailing(await doctor(site), 78, {
    'secret-store': [/does not open with the wrapping key/, /tokenward recover web-01$/],
  });
});

it('a certificate in ca_file that ended is failing where it is the only one', async () => {
  await using site = await wellSite();
  await writeFile(site.caFile, createAuthority('old', days(-9, -2)).cert);
  expectFailing(await doctor(site), 78, {
    'server-tls': [/not signed by the CA in tls\.ca_file/, /^put the CA's certificate there/],
    'local-certificate': [
      /^the certificate old, which signed itself, expired on/,
      /^put the new certificate/,
    ],
  });
  await writeFile(
    site.caFile,
    createAuthority('old', days(-9, -2)).cert + createAuthority('new', days(-1, 60)).cert,
  );
  const { lines } = await doctor(site);
  expect(lines.filter(({ id }) => id === 'local-certificate').map(({ status }) => status)).toEqual([
    'warning',
    'ok',
  ]);
});

describeRoot('a disk', () => {
  it('that is small, full, or out of inodes', async () => {
    await using site = await wellSite();
    await using disk = await SmallDisk.at(site.stateDir, { size: '512k', inodes: 40 });
    const through = { through: disk.through };
    expectFailing(await doctor(site, [], through), 78, {
      'disk-space': [/ KiB free of 512 KiB \(state\)$/, /^make room, .*df -h .*\/state; du -xh/],
    });
    await disk.fillInodes();
    expectFailing(await doctor(site, [], through), 78, {
      'disk-space': [/ KiB free/, /^make room/],
      'disk-files': [/^0 of 40 inodes free/, /df -i .*\/state/],
      'disk-sync': [/nothing can be written \(ENOSPC\)/, /^make room: df -h/],
    });
    await disk.free();
    await disk.becomeReadOnly();
    expectFailing(await doctor(site, [], through), 78, {
      'config-check': [
        /^cannot write to .*\/state: the file system is read-only here$/,
        /^mount it for writing/,
      ],
      'disk-space': [/ KiB free/, /^make room/],
      'disk-sync': [/nothing can be written \(EROFS\)/, /^mount it for writing: mount -o remount,rw/],
    });
    expect(site.exchanges).toBe(0);
  });
});

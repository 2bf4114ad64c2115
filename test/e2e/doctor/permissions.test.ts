import { chmod, chown, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { doctor, expectFailing, fileIn, giveTo, wellSite } from './site.ts';

/** Permissions, judged by root for the user that runs the daemon: each that is wrong, and the command that mends it. */

const { alice, bob, carol } = strangers;

describeRoot('for a daemon of another user', () => {
  let site: Installation;
  let keyFile = '';

  beforeAll(async () => {
    site = await wellSite();
    keyFile = join(site.folder, 'wrapping.key');
    const allow = [
      { user: 0, may: ['status'] },
      { user: alice, may: ['token', 'status', 'admin'] },
    ];
    await site.configure({
      agent: { secret: { store: 'file', key_file: keyFile } },
      socket: { mode: '0666', allow },
    });
    await giveTo(site, alice);
    await site.run({ uid: alice, gid: alice }).started();
    expect(await doctor(site)).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('the configuration must be readable', async () => {
    await chown(site.configFile, 0, 0);
    expectFailing(await doctor(site), 78, {
      'path-access': [
        /the configuration: 12345 cannot read it; .*\/config\.yaml \(0600 root:root\) is in the way/,
        /^chgrp 12345 .*config\.yaml && chmod g\+r .*config\.yaml$/,
      ],
    });
    await chown(site.configFile, alice, alice);
  });

  it('a configuration of a third user is not trusted', async () => {
    await chown(site.configFile, bob, bob);
    await chmod(site.configFile, 0o644);
    expectFailing(await doctor(site), 78, {
      'config-file': [
        /belongs to uid 12346, neither root nor the user that runs/,
        /^chown root .*config\.yaml$/,
      ],
    });
    await chmod(site.configFile, 0o600);
    await chown(site.configFile, alice, alice);
  });

  it('the state folder must be its own', async () => {
    await chown(site.stateDir, 0, 0);
    expectFailing(await doctor(site), 78, {
      'state-dir': [/12345 cannot use it; .*\/state \(0700 root:root\)/, /^chown -R 12345 .*\/state$/],
    });
    await chown(site.stateDir, alice, alice);
  });

  it('and closed to others, which is a warning', async () => {
    await chmod(site.stateDir, 0o755);
    expect(await doctor(site)).toMatchObject({
      exitCode: 0,
      troubles: expect.arrayContaining([
        expect.objectContaining({ id: 'state-dir', status: 'warning', mend: `chmod 0700 ${site.stateDir}` }),
      ]) as unknown,
    });
    await chmod(site.stateDir, 0o700);
  });

  it('what a command left there as root is in the way', async () => {
    const file = fileIn(site, 'agents/web-01/secret.sealed');
    await writeFile(file, 'x', { mode: 0o600 });
    const told = await doctor(site);
    expect(told.troubles).toContainEqual(
      expect.objectContaining({
        id: 'state-files',
        status: 'failing',
        detail: `one entry belongs to another user than 12345: ${file} (0600 root:root)`,
        mend: `chown -R 12345 ${site.stateDir}`,
      }),
    );
    expect(told.exitCode).toBe(78);
    await unlink(file);
  });

  it('a key file of root, or one that is open, is of no use', async () => {
    await writeFile(keyFile, `${Buffer.alloc(32).toString('base64')}\n`, { mode: 0o600 });
    expectFailing(await doctor(site), 78, {
      'path-access': [/the key file: 12345 cannot read it/, /^chown 12345 .*wrapping\.key$/],
    });
    await chown(keyFile, alice, alice);
    await chmod(keyFile, 0o644);
    const { exitCode, troubles } = await doctor(site);
    expect(exitCode).toBe(78);
    expect(troubles).toContainEqual(
      expect.objectContaining({
        id: 'config-check',
        mend: `chmod 0600 ${keyFile}`,
        code: 'KEY_FILE_UNUSABLE',
      }),
    );
    await unlink(keyFile);
  });

  it('a secret file may be missing, and must be readable and trusted where it is there', async () => {
    const secretFile = join(site.folder, 'dropped');
    await site.configure({
      agent: { secret: { store: 'file', key_file: keyFile }, secret_file: secretFile },
      socket: { mode: '0666', allow: [{ user: 0, may: ['status'] }] },
    });
    expect(await doctor(site)).toMatchObject({ exitCode: 0 });
    await writeFile(secretFile, 'violet\n', { mode: 0o600 });
    expectFailing(await doctor(site), 78, {
      'path-access': [/the secret file: 12345 cannot read it/, /^chown 12345 .*dropped$/],
    });
    await chown(secretFile, bob, bob);
    await chmod(secretFile, 0o644);
    const { troubles } = await doctor(site);
    expect(troubles).toContainEqual(
      expect.objectContaining({
        id: 'config-check',
        mend: `chown 12345 ${secretFile}`,
        code: 'SECRET_FILE_UNUSABLE',
      }),
    );
    await unlink(secretFile);
  });

  it('the folder of a token file must be its own', async () => {
    const folder = join(site.folder, 'tokens');
    await mkdir(folder, { mode: 0o755 });
    await site.configure({
      agent: {
        secret: { store: 'file', key_file: keyFile },
        files: [{ path: join(folder, 'token') }],
      },
      socket: { mode: '0666', allow: [{ user: 0, may: ['status'] }] },
    });
    await eventually(async () => {
      const { body } = await site.ask('/metrics');
      expect(body).toMatch(/^tokenward_config_last_reload_successful 1$/m);
    });
    expectFailing(await doctor(site), 78, {
      'path-access': [
        /the token file: 12345 cannot replace it; .*\/tokens \(0755 root:root\)/,
        /^chown 12345 .*\/tokens$/,
      ],
    });
  });

  it('those who are allowed must reach the socket', async () => {
    const allow = [
      { user: carol, may: ['token'] },
      { group: bob, may: ['token'] },
    ];
    await site.configure({ socket: { mode: '0666', allow } });
    await chmod(site.folder, 0o750);
    const told = await doctor(site);
    const closed = (who: string) =>
      expect.objectContaining({
        id: 'socket-access',
        status: 'failing',
        detail: matching(new RegExp(`^${who} cannot reach it: ${site.folder} \\(0750 12345:12345\\)`)),
      }) as unknown;
    const sockets = told.lines.filter(({ id }) => id === 'socket-access');
    expect(sockets).toEqual([closed('12347'), closed('the members of 12346')]);
    expect(sockets.map(({ mend }) => mend)).toEqual([`usermod -aG 12345 12347`, `chmod o+x ${site.folder}`]);
    expect(told.exitCode).toBe(78);

    await chmod(site.folder, 0o755);
    await chmod(site.socketPath, 0o600);
    const { lines } = await doctor(site);
    expect(lines.filter(({ id }) => id === 'socket-access').map(({ mend }) => mend)).toEqual([
      'set a group that 12347 is in, and mode: "0660", at listeners[0], and restart the daemon',
      'set group: 12346 and mode: "0660" at listeners[0], and restart the daemon',
    ]);
    await chmod(site.socketPath, 0o666);
  });

  it('a daemon that cannot be asked any more is failing, though not a matter of the configuration', async () => {
    await site.configure({ socket: { mode: '0666', allow: [{ user: 0, may: ['status'] }] } });
    await rename(site.socketPath, `${site.socketPath}.aside`);
    expectFailing(await doctor(site), 69, {
      'daemon-answer': [
        /there is no socket.*though a daemon runs \(process \d+\)$/,
        /systemctl restart tokenward$/,
      ],
    });
    await rename(`${site.socketPath}.aside`, site.socketPath);
  });
});

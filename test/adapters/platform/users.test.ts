import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUsers, type Users } from '../../../src/platform/users.ts';

const unknown: unknown = expect.objectContaining({ code: 'CONFIG_INVALID' });

describe('users and groups of this host', () => {
  const users = createUsers();

  it('have numbers and names', async () => {
    expect(await users.userId('root')).toBe(0);
    expect(await users.groupId('root')).toBe(0);
    expect(await users.userName(0)).toBe('root');
    expect(await users.groupName(0)).toBe('root');
  });

  it.each(['0', '4711', '65534', '4294967294'])(
    'may be given as the number %s, known or not',
    async (number) => {
      expect(await users.userId(number)).toBe(Number(number));
      expect(await users.groupId(number)).toBe(Number(number));
    },
  );

  it.each(['no-such-name-here', '', '-h', 'a:b', 'a b', '4294967295', '99999999999'])(
    'are never %j',
    async (name) => {
      await expect(users.userId(name)).rejects.toEqual(unknown);
      await expect(users.groupId(name)).rejects.toEqual(unknown);
    },
  );

  it('need no name', async () => {
    expect(await users.userName(3_999_999_999)).toBeNull();
    expect(await users.groupName(3_999_999_999)).toBeNull();
  });
});

describe('users and groups from elsewhere', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-users-'));
    await writeFile(join(folder, 'passwd'), 'local:x:1000:1000::/:/bin/sh\n# a comment\n');
    await writeFile(join(folder, 'group'), 'staff:x:50:local\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function withGetent(script: string): Promise<Users> {
    const getent = join(folder, 'getent');
    await writeFile(getent, `#!/bin/sh\n${script}\n`);
    await chmod(getent, 0o755);
    return createUsers({ files: { passwd: join(folder, 'passwd'), group: join(folder, 'group') }, getent });
  }

  it('are asked of getent, where the files do not have them', async () => {
    const users = await withGetent(
      '[ "$1 $2 $3" = "passwd -- remote" ] && echo "remote:*:2000:2000::/:/bin/sh" || exit 2',
    );
    expect(await users.userId('local')).toBe(1000);
    expect(await users.groupId('staff')).toBe(50);
    expect(await users.userId('remote')).toBe(2000);
    await expect(users.groupId('remote')).rejects.toEqual(unknown);
  });

  it('are not called unknown where getent fails', async () => {
    const users = await withGetent('exit 3');
    await expect(users.userId('remote')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('does not answer') as string,
    });
  });

  it('are unknown where there is neither a file nor getent', async () => {
    const none = join(folder, 'none');
    const users = createUsers({ files: { passwd: none, group: none }, getent: none });
    await expect(users.userId('remote')).rejects.toEqual(unknown);
    expect(await users.userName(0)).toBeNull();
  });
});

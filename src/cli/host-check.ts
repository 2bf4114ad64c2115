import type { CheckContext } from '../config/check.ts';
import { readPrivateLine } from '../platform/private-file.ts';
import { systemDisk } from '../platform/system-disk.ts';
import { createUsers } from '../platform/users.ts';
import type { Program } from './program.ts';

/** What the checks of a configuration need to know about this host. `uid` is the user that runs the daemon. */
export async function checkContext(
  { env }: Pick<Program, 'env'>,
  uid = process.geteuid?.() ?? 0,
): Promise<CheckContext> {
  const { readWrappingKey } = await import('../operator.ts');
  return {
    users: createUsers(),
    uid,
    env,
    readKey: (key) => readWrappingKey(key, env, uid),
    readPrivate: (path, what) => readPrivateLine(systemDisk, uid, { path, what }),
    now: new Date(),
  };
}

import type { CheckContext } from '../config/check.ts';
import { createUsers } from '../platform/users.ts';
import type { Program } from './program.ts';

/** What the checks of a configuration need to know about this host. */
export async function checkContext({ env }: Program): Promise<CheckContext> {
  const { readWrappingKey } = await import('../operator.ts');
  return { users: createUsers(), env, readKey: (key) => readWrappingKey(key, env), now: new Date() };
}

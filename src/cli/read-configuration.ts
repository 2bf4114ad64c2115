import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { defaultConfigPath, type Program } from './program.ts';

/** Throws `CONFIG_NOT_FOUND`, `CONFIG_UNSAFE` and `CONFIG_INVALID`. `path` is what the user gave. */
export function readConfiguration(path: string | undefined, { env }: Program): Config {
  return loadConfig(path ?? defaultConfigPath(env), { env, uid: process.geteuid?.() ?? 0 });
}

import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SecretStoreConfig } from './registry.ts';

/**
 * Names the place of an agent's wrapping key, the same for all agents that have it in common; null for a store that seals
 * nothing. A key file is known by the real path of its folder: it is replaced in it by its name.
 */
export async function keyPlace(config: SecretStoreConfig, agent: string): Promise<string | null> {
  switch (config.store) {
    case 'memory':
      return null;
    case 'keychain':
      return `keychain ${agent}`;
    case 'kubernetes':
      return `kubernetes ${config.namespace ?? ''}/${config.name}`;
    case 'file':
      return config.key.kind === 'credential'
        ? `credential ${config.key.name}`
        : `key file ${await realPath(config.key.path)}`;
  }
}

async function realPath(path: string): Promise<string> {
  const folder = dirname(path);
  // a folder that is missing or closed to us has no key in it that could be replaced
  return join(await realpath(folder).catch(() => folder), basename(path));
}

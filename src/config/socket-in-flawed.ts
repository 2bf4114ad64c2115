import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { isMapping } from './section.ts';
import { pathIn } from './values.ts';

/**
 * The first Unix socket that a configuration names which has problems elsewhere; null where none can be made out. A daemon that
 * runs goes on by the configuration before, and whoever changed the file must be able to ask it.
 */
export function socketInFlawed(file: string, env: Environment): string | null {
  const content = contentOf(file, env);
  if (!isMapping(content) || !Array.isArray(content['listeners'])) return null;
  for (const listener of content['listeners'] as readonly unknown[]) {
    const socket = v.safeParse(pathIn(dirname(file)), isMapping(listener) ? listener['unix'] : null);
    if (socket.success) return socket.output;
  }
  return null;
}

function contentOf(file: string, env: Environment): unknown {
  try {
    return readDocument(readFileSync(file, 'utf8'), env).content?.data;
  } catch {
    return null; // what is wrong with the file has been said
  }
}

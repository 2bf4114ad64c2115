import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { open, type RecordKind } from '../../src/platform/seal.ts';

const kinds: readonly RecordKind[] = ['secret', 'candidate', 'journal', 'raw', 'session', 'probe'];

/** The files of the state folder that open with the key (base64), whatever they are called, sorted. */
export async function openedWith(stateDir: string, key: string): Promise<readonly string[]> {
  const entries = await readdir(stateDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const opened = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const sealed = await readFile(join(parentPath, name));
      const agent = basename(parentPath);
      const opens = kinds.some((kind) => open(Buffer.from(key, 'base64'), { agent, kind }, sealed) !== null);
      return opens ? [join(basename(dirname(parentPath)), agent, name)] : [];
    }),
  );
  return opened.flat().toSorted();
}

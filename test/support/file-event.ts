import { once } from 'node:events';
import { watch } from 'node:fs';

/** Resolves when something happens to a file of this name in the folder. */
export async function fileEvent(folder: string, file: string): Promise<void> {
  const watcher = watch(folder);
  for (let name: unknown = null; name !== file;) [, name] = (await once(watcher, 'change')) as unknown[];
  watcher.close();
}

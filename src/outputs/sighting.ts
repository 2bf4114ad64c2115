import { errorCode, isOutOfDescriptors } from '../platform/system-error.ts';
import type { Disk, DiskStat } from '../ports/disk.ts';

/** What was found at a token file's path at one moment. */
export type Sighting =
  | { readonly kind: 'nothing' }
  | SeenFile
  /** Something stands there that is no regular file. */
  | { readonly kind: Exclude<DiskStat['kind'], 'file'> };

export interface SeenFile {
  readonly kind: 'file';
  /** null where it could not be read. */
  readonly content: Uint8Array | null;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What should be at the path. */
export interface Expected {
  readonly content: Uint8Array;
  readonly mode: number;
  /** null: any owner will do. */
  readonly uid: number | null;
  readonly gid: number | null;
}

/** One way in which a file is not as expected. `replaced`: by a symbolic link, a folder or another thing that is no regular file. */
export type Deviation = 'removed' | 'replaced' | 'content' | 'mode' | 'owner';

/** Looks without following a symbolic link. Rejects only where the path cannot even be looked at. */
export async function look(disk: Disk, path: string): Promise<Sighting> {
  const found = await disk.stat(path);
  if (found === null) return { kind: 'nothing' };
  if (found.kind !== 'file') return { kind: found.kind };
  try {
    const content = await disk.read(path);
    // removed between the two looks
    if (content === null) return { kind: 'nothing' };
    return { kind: 'file', content, mode: found.mode, uid: found.uid, gid: found.gid };
  } catch (error) {
    if (isOutOfDescriptors(errorCode(error))) throw error;
    // A file that cannot be read cannot hold what we want for sure; it is replaced, for which reading is not needed.
    return { kind: 'file', content: null, mode: found.mode, uid: found.uid, gid: found.gid };
  }
}

/** How the sighting differs from the expectation; empty where it does not. */
export function deviations(seen: Sighting, expected: Expected): readonly Deviation[] {
  if (seen.kind === 'nothing') return ['removed'];
  if (seen.kind !== 'file') return ['replaced'];
  const found: Deviation[] = [];
  if (seen.content === null || Buffer.compare(seen.content, expected.content) !== 0) found.push('content');
  if (seen.mode !== expected.mode) found.push('mode');
  if (!owns(expected.uid, seen.uid) || !owns(expected.gid, seen.gid)) found.push('owner');
  return found;
}

function owns(expected: number | null, actual: number): boolean {
  return expected === null || expected === actual;
}

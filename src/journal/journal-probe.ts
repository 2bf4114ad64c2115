import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import { seal } from '../platform/seal.ts';
import { errorCode, remedyFor } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import type { WrappingKey } from '../ports/secret-store.ts';

/** The pre-flight of a journal's folder: a dummy record is written as an answer would be, and removed. */

const probeFile = 'journal-probe.sealed';
/** As large as anything that a rotation may have to write: a capped answer in base64, with room around it. */
const probeBytes = 96 * 1024;
const fileMode = 0o600;

interface ProbePlace {
  readonly disk: Disk;
  readonly random: Random;
  readonly folder: string;
  readonly agent: string;
}

/** Rejects `STATE_DIR_UNUSABLE`. */
export async function proveFolder(
  { disk, random, folder, agent }: ProbePlace,
  key: WrappingKey,
): Promise<void> {
  const path = join(folder, probeFile);
  try {
    const sealed = seal(key, { agent, generation: 0, kind: 'probe' }, new Uint8Array(probeBytes), random);
    await writeAtomically(disk, random, path, sealed, { mode: fileMode });
    await disk.remove(path);
  } catch (cause) {
    const errno = errorCode(cause) ?? 'unknown error';
    const remedy = remedyFor(errno, 'see to its free space and permissions');
    const message = `an answer could not be saved in ${folder} now (${errno}), so nothing is sent; ${remedy}`;
    throw new TokenwardError('STATE_DIR_UNUSABLE', message, { cause, fields: { path: folder, errno } });
  }
}

/** What probes that a crash interrupted left behind. */
export async function removeProbes({ disk, folder }: Pick<ProbePlace, 'disk' | 'folder'>): Promise<void> {
  await removeLeftovers(disk, folder, probeFile);
  if ((await disk.list(folder))?.includes(probeFile) === true) await disk.remove(join(folder, probeFile));
}

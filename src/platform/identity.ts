import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import { writeAtomically } from './atomic-write.ts';

/**
 * What a state folder is bound to, so that a copy of it elsewhere is noticed. On a host that is the machine; a
 * container gets a new machine at every start and keeps only its volume.
 */

export interface IdentitySources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly machineIdPath: string;
  /** Files that only containers have. */
  readonly containerMarks: readonly string[];
}

export function systemIdentitySources(env: NodeJS.ProcessEnv): IdentitySources {
  return {
    env,
    machineIdPath: '/etc/machine-id',
    containerMarks: ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'],
  };
}

const CONTAINER_VARIABLES = ['KUBERNETES_SERVICE_HOST', 'container'];
const VOLUME_ID_FILE = 'volume-id';
const MACHINE_ID = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * `host:<64 hex digits>` or `volume:<uuid>`. The id of a volume is made where missing; call it where no other process starts
 * on the same folder. Rejects `STATE_DIR_UNUSABLE` for an id file with something else in it, and with Node's errors.
 */
export async function readIdentity(
  disk: Disk,
  random: Random,
  stateDir: string,
  sources: IdentitySources,
): Promise<string> {
  if (!(await isContainer(disk, sources))) {
    const machineId = await readMachineId(disk, sources.machineIdPath);
    if (machineId !== null) return `host:${machineId}`;
  }
  return `volume:${await volumeId(disk, random, join(stateDir, VOLUME_ID_FILE))}`;
}

async function isContainer(disk: Disk, { env, containerMarks }: IdentitySources): Promise<boolean> {
  if (CONTAINER_VARIABLES.some((name) => env[name] !== undefined)) return true;
  for (const path of containerMarks) {
    if ((await disk.stat(path)) !== null) return true;
  }
  return false;
}

/** Null where the host has none (yet). Keyed, because the machine's own id is confidential (machine-id(5)). */
async function readMachineId(disk: Disk, path: string): Promise<string | null> {
  const text = await readLine(disk, path);
  if (text === null || !MACHINE_ID.test(text)) return null;
  return createHmac('sha256', 'tokenward').update(text).digest('hex');
}

async function volumeId(disk: Disk, random: Random, path: string): Promise<string> {
  const known = await readLine(disk, path);
  if (known === null) {
    const made = random.uuid();
    await writeAtomically(disk, random, path, Buffer.from(`${made}\n`), { mode: 0o600 });
    return made;
  }
  if (UUID.test(known)) return known;
  throw new TokenwardError(
    'STATE_DIR_UNUSABLE',
    `${path} does not hold the id of this volume; restore the file from before it was changed`,
    {
      fields: { path },
    },
  );
}

async function readLine(disk: Disk, path: string): Promise<string | null> {
  const bytes = await disk.read(path);
  return bytes === null ? null : Buffer.from(bytes).toString('utf8').trimEnd();
}

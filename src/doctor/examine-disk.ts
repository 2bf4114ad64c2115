import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemDisk } from '../platform/system-disk.ts';
import { errorCode } from '../platform/system-error.ts';
import { systemRandom } from '../platform/system-random.ts';
import { type Examination, type Lines, seesAll } from './examination.ts';
import { type DiskFacts, judgeFiles, judgeSpace, judgeSync } from './judge-disk.ts';
import { lookAgain } from './judge-paths.ts';
import { ok, warning } from './line.ts';
import { probeSpace, probeSync } from './probe-disk.ts';
import { nearestExisting } from './probe-paths.ts';

/** Room and speed of the disks; a file system is looked at once. */
export function examineDisk(examination: Examination): readonly Lines[] {
  const { stateDir, agents } = examination.config;
  const outputs = agents.flatMap(({ files }) => files.map(({ path }) => dirname(path)));
  return [spaceOf(stateDir, 'state'), outputSpace(stateDir, outputs), syncTime(examination)];
}

async function spaceOf(folder: string, holds: DiskFacts['holds']): Lines {
  try {
    const facts = await probeSpace(folder, holds);
    return [judgeSpace(facts), judgeFiles(facts)];
  } catch (error) {
    const detail = `its file system cannot be asked (${errorCode(error) ?? 'unknown error'})`;
    return [warning('disk-space', { what: folder, detail, mend: `look at it: df -h ${folder}` })];
  }
}

async function outputSpace(stateDir: string, folders: readonly string[]): Lines {
  const seen = new Set([await deviceOf(stateDir)]);
  const lines = [];
  for (const folder of new Set(folders)) {
    const device = await deviceOf(folder);
    if (seen.has(device)) continue;
    seen.add(device);
    lines.push(...(await spaceOf(folder, 'token files')));
  }
  return lines;
}

async function deviceOf(folder: string): Promise<number> {
  return (await stat(await nearestExisting(folder))).dev;
}

async function syncTime(examination: Examination): Lines {
  const { config, service, names, signal, timeoutMs } = examination;
  const folder = config.stateDir;
  if (!seesAll(examination)) {
    const user = names.user(service.uid);
    const detail = `how long a durable write takes was not measured: only ${user} may write there`;
    return [warning('disk-sync', { what: folder, detail, mend: lookAgain(user) })];
  }
  if ((await nearestExisting(folder)) !== folder) {
    const detail = 'how long a durable write takes is measured once the folder is there';
    return [ok('disk-sync', { what: folder, detail })];
  }
  const probe = { disk: systemDisk, random: systemRandom, timeoutMs, signal };
  return [judgeSync(await probeSync(folder, probe))];
}

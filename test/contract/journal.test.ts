import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { systemDisk } from '../../src/platform/system-disk.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { clusterWithSecret, createPod, newVolume } from '../fakes/kubernetes/pods.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { describeJournal, type JournalUnderTest } from './journal-contract.ts';
import { describeJournalRekey } from './journal-rekey-contract.ts';

function describeFileJournal(name: string, setUp: () => Promise<JournalUnderTest>): void {
  describeJournal(name, setUp);
  describeJournalRekey(name, setUp);
}

describeJournal('memory', async () => {
  const journal = createMemoryJournal();
  return { open: () => journal, dispose: async () => {} };
});

describeFileJournal('files, on a disk in memory', async () => {
  const disk = new MemoryDisk();
  disk.seedFolder('/state');
  const options = { disk, random: systemRandom, folder: '/state', agent: 'web-01' };
  return { open: () => new FileJournal(options), dispose: async () => {} };
});

describeFileJournal('files, on a real disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-journal-'));
  const options = { disk: systemDisk, random: systemRandom, folder, agent: 'web-01' };
  return { open: () => new FileJournal(options), dispose: () => rm(folder, { recursive: true }) };
});

describeFileJournal('kubernetes, on one volume', async () => {
  const cluster = clusterWithSecret();
  const disk = newVolume();
  return { open: () => createPod({ cluster, disk }).journal, dispose: async () => {} };
});

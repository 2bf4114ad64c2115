import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemDisk } from '../../src/platform/system-disk.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { describeDisk } from './disk-contract.ts';

describeDisk('system-disk', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-disk-'));
  return { disk: systemDisk, root, dispose: () => rm(root, { recursive: true }) };
});

describeDisk('memory-disk', async () => {
  const disk = new MemoryDisk();
  disk.seedFolder('/root');
  return { disk, root: '/root', dispose: async () => {} };
});

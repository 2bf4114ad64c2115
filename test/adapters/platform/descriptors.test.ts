import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { freeDescriptors } from '../../../src/platform/descriptors.ts';
import { remedyFor } from '../../../src/platform/system-error.ts';

it('fewer are free with every file that is open', async () => {
  const before = await freeDescriptors();
  const opened = readdirSync('/proc/self/fd').length;
  const files = await Promise.all(Array.from({ length: 20 }, () => open(import.meta.filename)));
  const after = await freeDescriptors();
  const change = readdirSync('/proc/self/fd').length - opened;
  await Promise.all(files.map((file) => file.close()));
  expect(change).toBeGreaterThanOrEqual(20);
  expect(before - after).toBeGreaterThanOrEqual(20);
});

it.each([
  ['EMFILE', /too many open files.*raise LimitNOFILE/],
  ['ENFILE', /too many open files/],
  ['ENOSPC', /^free some space$/],
])('%s is told what to do about', (errno, told) => {
  expect(remedyFor(errno, 'free some space')).toMatch(told);
});

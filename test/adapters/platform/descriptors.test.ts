import { open } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { freeDescriptors } from '../../../src/platform/descriptors.ts';
import { remedyFor } from '../../../src/platform/system-error.ts';

it('fewer are free with every file that is open', async () => {
  const opened = 200;
  const others = 20; // what the test runner may open or close of its own meanwhile
  const before = await freeDescriptors();
  const files = await Promise.all(Array.from({ length: opened }, () => open(import.meta.filename)));
  const after = await freeDescriptors();
  await Promise.all(files.map((file) => file.close()));
  expect(before - after).toBeGreaterThan(opened - others);
  expect(before - after).toBeLessThan(opened + others);
});

it.each([
  ['EMFILE', /too many open files.*raise LimitNOFILE/],
  ['ENFILE', /too many open files/],
  ['ENOSPC', /^free some space$/],
])('%s is told what to do about', (errno, told) => {
  expect(remedyFor(errno, 'free some space')).toMatch(told);
});

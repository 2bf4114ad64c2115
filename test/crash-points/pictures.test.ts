import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { drawRotation, withPhases } from '../../scripts/pictures/diagrams.ts';

it('the pictures of a rotation show what the engine does', async () => {
  for (const [file, contents] of Object.entries(await drawRotation())) {
    const committed = await readFile(`docs/pictures/${file}`, 'utf8');
    expect(committed === contents, `${file} is an older one: npm run pictures`).toBe(true);
  }
}, 60_000);

it('the diagram of the phases shows what the transition does', async () => {
  const page = await readFile('docs/rotation.md', 'utf8');
  expect(page, 'npm run pictures').toBe(withPhases(page));
});

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { goldenFolder, isUpdating, readGolden, writeGolden } from './golden.ts';
import { expectHelp, expectPrompt } from './help.ts';
import type { Mistake } from './mistake.ts';
import { chapters } from './mistakes.ts';
import { mistakesPage, pagePath } from './page.ts';
import { canBeMade, makeAll, type AllMade, type Made } from './run-all.ts';

/**
 * What a person reads after a typical mistake, as a whole. `UPDATE_GOLDEN=1 npx vitest run --project e2e test/e2e/mistakes`
 * writes the texts anew; then read the difference as the user would.
 */

const all = chapters.flatMap(([, mistakes]) => mistakes);
let made: AllMade;

beforeAll(async () => {
  made = await makeAll(all);
});

describe.each(all.filter(canBeMade).map((mistake) => [mistake.title, mistake] as const))(
  '%s',
  (_, mistake) => {
    it('is told as it was', () => expectGolden(mistake, made.byName.get(mistake.name)!));

    it('is told in a way that helps', () => expectHelp(mistake, made.byName.get(mistake.name)!));

    it('is told at once', () => expectPrompt(made.byName.get(mistake.name)!, made.emptyMs));
  },
);

async function expectGolden({ name }: Mistake, { screen }: Made): Promise<void> {
  if (isUpdating) await writeGolden(name, screen);
  const golden = await readGolden(name);
  expect(golden, `there is no golden/${name}.txt: make it with UPDATE_GOLDEN=1`).not.toBeNull();
  expect(screen).toBe(golden);
}

it('there are no texts of mistakes that nobody makes', async () => {
  const files = await readdir(goldenFolder);
  expect(files.map((file) => basename(file, '.txt')).toSorted()).toEqual(
    all.map(({ name }) => name).toSorted(),
  );
});

it('docs/mistakes.md says the same', async () => {
  const page = await mistakesPage();
  if (isUpdating) await writeFile(pagePath, page);
  expect(await readFile(pagePath, 'utf8'), 'make it anew with UPDATE_GOLDEN=1').toBe(page);
});

import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bugs, type Bug } from './bugs.ts';

/**
 * `npm run sabotage [-- --only WORDS]`: puts one bug at a time into a copy of the source, and lets the crash points and the
 * simulation look for it. A check that finds nothing where something is wrong is worth nothing. Exit code 1 where one gets through.
 */

const root = join(import.meta.dirname, '../..');

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

/** As many seeds as CI runs, a few at a time, so that the first that finds the bug ends the search. */
const seeds = 2_000;
const seedsAtATime = 100;

interface Run {
  readonly failed: boolean;
  readonly output: string;
}

function run(folder: string, ...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: stdout + stderr }),
    );
  });
}

async function copyWith({ file, find, replace }: Bug): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-sabotage-'));
  for (const part of ['src', 'test', 'package.json'])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, file);
  await writeFile(path, (await readFile(path, 'utf8')).replace(find, replace));
  return folder;
}

/** The state that gives the bug away, as the crash points name it; null where none does. */
async function byCrashPoints(folder: string): Promise<string | null> {
  const { failed, output } = await run(folder, 'test/crash-points/print.ts', '--first-failure');
  if (!failed) return null;
  return /FAILED (.*)/.exec(output)?.[1] ?? firstLine(output);
}

/** The seed that gives the bug away, and the broken promise; null where none does. */
async function bySimulation(folder: string): Promise<string | null> {
  for (let seed = 1; seed <= seeds; seed += seedsAtATime) {
    const range = ['--seed', String(seed), '--runs', String(seedsAtATime)];
    const { failed, output } = await run(folder, 'test/simulation/simulate.ts', ...range);
    if (failed) return /VIOLATION (seed .*)/.exec(output)?.[1] ?? firstLine(output);
  }
  return null;
}

function firstLine(output: string): string {
  return output.split('\n').find((line) => /error|Error/.test(line)) ?? 'failed without a word';
}

let missed = 0;
for (const bug of bugs.filter(({ name }) => name.includes(values.only))) {
  const folder = await copyWith(bug);
  try {
    const [state, seed] = await Promise.all([byCrashPoints(folder), bySimulation(folder)]);
    if (state === null && seed === null) missed += 1;
    console.log(`${bug.name}\n  crash points  ${state ?? 'not seen'}\n  simulation    ${seed ?? 'not seen'}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
console.log(missed === 0 ? 'every bug was found' : `${missed} bugs were not found`);
if (missed > 0) process.exitCode = 1;

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawRotation, drawScenarios, withPhases, type Drawn } from './pictures/diagrams.ts';
import { recordDemo } from './pictures/recording/record-demo.ts';
import { recordWatch } from './pictures/recording/record-watch.ts';

/** Draws docs/pictures/ anew: all pictures, or those that are named. Recordings need tmux. */

const folder = 'docs/pictures';

const painters: Readonly<Record<string, () => Promise<Drawn>>> = {
  rotation: drawRotation,
  scenarios: drawScenarios,
  phases: async () => ({ '../rotation.md': withPhases(await readFile('docs/rotation.md', 'utf8')) }),
  demo: async () => ({ 'demo.svg': await recordDemo() }),
  watch: async () => ({ 'status-watch.svg': await recordWatch() }),
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(painters);
await mkdir(folder, { recursive: true });
for (const name of names) {
  const paint = painters[name];
  if (paint === undefined) throw new Error(`${name} is none of ${Object.keys(painters).join(', ')}`);
  for (const [file, contents] of Object.entries(await paint())) {
    await writeFile(join(folder, file), contents);
    process.stdout.write(`${join(folder, file)}  ${Math.ceil(contents.length / 1024)} KiB\n`);
  }
}

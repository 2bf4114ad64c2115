import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { describePart } from '../../support/parts.ts';
import { runProgram } from '../../support/run-program.ts';
import { missingFrom, outputsOf, scriptOf, stepsOf } from '../operations/walk-through.ts';

/** The commands of docs/revocation.md that can be tried, as written, in a folder of their own. */

const root = join(import.meta.dirname, '../../..');

/** What is left when a command fails is ended, so that nothing of the page outlives it. */
const cleanUp = `trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n`;

async function folderWithProgram(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-page-'));
  const program = join(folder, 'bin/tokenward');
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'empty'));
  await writeFile(program, `#!/bin/sh\nexec "${inject('node')}" "${inject('program')}" "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}

describePart(['curl'], 'docs/revocation.md', () => {
  it('can be tried as it is written, and prints what it says', async () => {
    const folder = await folderWithProgram();
    try {
      const page = (await readFile(join(root, 'docs/revocation.md'), 'utf8')).replaceAll(
        '127.0.0.1:8443',
        `127.0.0.1:${await freePort()}`,
      );
      const steps = stepsOf(page).filter(({ heading }) => heading === 'Try it');
      expect(steps.length).toBeGreaterThan(5);
      const env = {
        PATH: [join(folder, 'bin'), process.env['PATH']].join(':'),
        HOME: folder,
        LANG: 'C.UTF-8',
      };
      const script = `exec 2>&1\n${cleanUp}${scriptOf(steps)}`;
      const ran = await runProgram('timeout', ['60', 'bash', '-c', script], {
        cwd: join(folder, 'empty'),
        env,
      });
      const outputs = outputsOf(ran.stdout);
      expect(ran, `in "${steps[outputs.length - 1]?.commands}"`).toMatchObject({ exitCode: 0 });
      for (const [index, { commands, told }] of steps.entries()) {
        const missing = missingFrom(outputs[index] ?? '', told);
        expect(missing, `${commands}\nprinted:${outputs[index]}`).toEqual([]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('a log in a process of its own', () => {
  const module = join(import.meta.dirname, '../../../src/platform/logger.ts');
  const run = (program: string, shell = ''): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)('/bin/sh', [
      '-c',
      `"$0" --input-type=module -e "$1" "$2" ${shell}`,
      process.execPath,
      program,
      module,
    ]);

  // what the smallest pipe takes (pipe(7): one page, for users with many): beyond that it depends on the reader, for whom nobody waits
  it('nothing is lost at an exit', async () => {
    const { stdout } = await run(`
      const { createLog } = await import(process.argv[1]);
      const log = await createLog({ level: 'info', form: 'json' });
      for (let line = 0; line < 40; line++) log.info('started', { line });
      process.exit(0);
    `);
    expect(stdout.trimEnd().split('\n')).toHaveLength(40);
  });

  it('a full disk or a closed reader under the log does not end it', async () => {
    const program = `
      const { createLog } = await import(process.argv[1]);
      const log = await createLog({ level: 'info', form: 'json' });
      for (let round = 0; round < 3; round++) {
        for (let line = 0; line < 5000; line++) log.info('started', { line });
        await new Promise(setImmediate);
      }
      process.stderr.write('still here');
    `;
    expect((await run(program, '> /dev/full')).stderr).toBe('still here');
    expect((await run(program, '| true')).stderr).toBe('still here');
  });

  it('pino-pretty is loaded for people only', async () => {
    const program = `
      const { createLog } = await import(process.argv[1]);
      const { createRequire } = await import('node:module');
      await createLog({ level: 'info', form: process.argv[2] });
      console.log(Object.keys(createRequire(process.argv[1]).cache).some((path) => path.includes('pino-pretty')));
    `;
    expect((await run(program, 'json')).stdout).toBe('false\n');
    expect((await run(program, 'journal')).stdout).toBe('false\n');
    expect((await run(program, 'text')).stdout).toBe('true\n');
  });
});

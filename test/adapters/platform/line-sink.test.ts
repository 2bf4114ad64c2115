import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';

/** A process that logs, and what reads its log or fails to. */

const folder = mkdtempSync(join(tmpdir(), 'tokenward-sink-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const module = join(import.meta.dirname, '../../../src/platform/logger.ts');

/** Logs lines of 1 KB, tells that it is alive, logs again when the gate is open, and ends when it is told to. */
const program = `
  const { createLog, standardLogForm } = await import(process.argv[1]);
  const { existsSync } = await import('node:fs');
  const log = await createLog({ level: 'info', form: standardLogForm(process.env) });
  const [count, gate] = process.argv.slice(2);
  for (let pid = 0; pid < Number(count); pid++) log.info('started', { pid, version: '.'.repeat(1000) });
  process.stderr.write('still here');
  let isOpen = false;
  const look = setInterval(() => {
    if (existsSync(gate) && !isOpen) log.info('stopping');
    isOpen = existsSync(gate);
    if (existsSync(gate + '.end')) clearInterval(look);
  }, 5);
`;

class Logging {
  readonly gate: string;
  readonly process: ChildProcess;
  /** What it wrote on standard output so far, as far as somebody reads that. */
  stdout = '';
  #stderr = '';

  /** `before` and `after` stand around the program on its command line. */
  constructor(name: string, count: number, { before = '', after = '' }) {
    this.gate = join(folder, `${name}.gate`);
    const line = `${before} "$0" --input-type=module -e "$1" "$2" ${count} "$3" ${after}`;
    this.process = spawn('bash', ['-c', line, process.execPath, program, module, this.gate], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
    });
    this.process.stderr?.setEncoding('utf8').on('data', (piece: string) => (this.#stderr += piece));
  }

  /** It has said all that it has to say, whatever became of it. */
  async isAlive(): Promise<void> {
    await eventually(() => expect(this.#stderr).toBe('still here'), { withinMs: 15_000 });
  }

  read(): void {
    this.process.stdout?.setEncoding('utf8').on('data', (piece: string) => (this.stdout += piece));
  }

  openGate(): void {
    writeFileSync(this.gate, '');
  }

  async end(): Promise<void> {
    writeFileSync(`${this.gate}.end`, '');
    await once(this.process, 'close');
  }
}

interface Line {
  readonly level: string;
  readonly event: string;
  readonly pid?: number;
  readonly count?: number;
}

function linesIn(output: string): readonly Line[] {
  const lines = output.split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Line);
}

describe('a reader that stops reading', () => {
  it.each([
    // What a parent made by Node gives to its child, and systemd to a service.
    ['socket', ''],
    ['pipe', '| { until [ -e pipe.gate ]; do read -r -t 0.01 <> <(:); done; cat; }'],
  ])(
    'of a %s holds up nobody, and gets whole lines in their order when it reads again',
    async (name, after) => {
      const count = 2000;
      const logging = new Logging(name, count, { after });
      await logging.isAlive();
      logging.read();
      logging.openGate();
      await eventually(() => expect(logging.stdout).toContain('log-dropped'), { withinMs: 15_000 });
      await logging.end();
      const lines = linesIn(logging.stdout);
      const kept = lines.flatMap(({ event, pid }) => (event === 'started' ? [pid] : []));
      const dropped = lines.find(({ event }) => event === 'log-dropped')?.count ?? 0;
      expect(kept.length).toBeGreaterThan(500);
      expect(kept).toEqual(Array.from({ length: kept.length }, (_line, index) => index));
      // `stopping` was said while much still waited, so it may be among those that were dropped.
      expect(lines.filter(({ event }) => event !== 'log-dropped').length + dropped).toBe(count + 1);
    },
  );
});

describe('a file that can grow no more', () => {
  it('loses lines, tells how many once it can grow again, and begins a new line after one that was cut off', async () => {
    const file = join(folder, 'log');
    writeFileSync(file, '');
    // 4 KiB, which is in the middle of a line
    const before = `trap '' XFSZ; ulimit -f 4;`;
    const logging = new Logging('file', 100, { before, after: `>> ${file}` });
    await logging.isAlive();
    const begun = readFileSync(file, 'utf8').split('\n');
    expect(() => JSON.parse(begun.at(-1) ?? '') as unknown).toThrow(SyntaxError);
    truncateSync(file);
    logging.openGate();
    await eventually(() => expect(readFileSync(file, 'utf8')).toContain('log-dropped'));
    await logging.end();
    const written = readFileSync(file, 'utf8');
    expect(written.startsWith('\n')).toBe(true);
    expect(linesIn(written.slice(1))).toMatchObject([
      { event: 'stopping' },
      { event: 'log-dropped', level: 'warn', count: 100 - (begun.length - 1) },
    ]);
  });
});

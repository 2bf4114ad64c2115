import { expect } from 'vitest';
import { errorClasses } from '../../../src/domain/errors.ts';
import type { Mistake } from './mistake.ts';
import type { Made } from './run-all.ts';

/** What every message must have, whatever it is about. */

const code = new RegExp(`\\((${Object.keys(errorClasses).join('|')})\\)$`);
/** A command, or a plain word for what is to be changed. */
const nextStep =
  /`[^`]+`|\b(run|did you mean|such as|write|correct|set|name|use|choose|add|put|give|take|leave|move|restore|replace|indent|renew|convert|is the port)\b/;
/** What only a programmer understands. */
const inside = /\n\s+at |node:|\bError\b|undefined|\[object|\bnull\b|\bE[A-Z]{4,}\b/;
/** Characters of a line that is still a message, and no essay; with the paths of the test. */
const longestLine = 480;
export function expectHelp({ name, exitCode }: Mistake, made: Made): void {
  const text = read(made).join('\n');
  expect(made.exitCode, text).toBe(exitCode);
  expect(text).not.toMatch(inside);
  expect(made.stdout + made.stderr).not.toContain('A-Secret-That-Was-Pasted');
  const lines = told(made);
  for (const line of lines) {
    expect(line).toMatch(/[^.]$/);
    expect(line.length).toBeLessThanOrEqual(longestLine);
  }
  expect(new Set(lines).size).toBe(lines.length);
  if (exitCode === 0) return;
  expect(lines.join('\n')).toMatch(nextStep);
  // an older Node.js can run no more of the program than this one line
  if (name !== 'node-too-old') expect(lines[0]).toMatch(code);
}

/** What can be told at once takes the time of a few empty runs (0.15 s where nothing else runs), and no waiting for anybody. */
export function expectPrompt({ tookMs }: Made, emptyMs: number): void {
  expect(tookMs / emptyMs).toBeLessThan(12);
}

/** What a person reads: all but the log of a daemon. */
function read({ stdout, stderr }: Made): readonly string[] {
  return `${stdout}${stderr}`.split('\n').filter((line) => !line.startsWith('{'));
}

/** The program's own words: what it found, and what became of it. */
function told(made: Made): readonly string[] {
  return read(made).filter((line) => /^(tokenward: |error |warning )/.test(line));
}

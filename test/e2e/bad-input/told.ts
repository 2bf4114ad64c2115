import { expect } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { AgentStatus, Severity } from '../../../src/domain/status.ts';
import type { Ran } from '../../support/run-program.ts';

/** What a user is told of a mistake. */
export interface Told {
  readonly code: ErrorCode;
  /** Written out in every table: scripts rely on the number, not on our class of it. */
  readonly exitCode: 64 | 69 | 75 | 77 | 78;
  /** Parts of the sentence: what it is about, and what to do. */
  readonly says: readonly string[];
}

/** One line for each problem, the code at its end, and then perhaps when to come back. */
const reported = /^tokenward: [^\n]+[^.\n] \([A-Z_]+\)$/;
const comeBack = /^tokenward: try again in \d+[smhd0-9]*$/;
/** What only a programmer understands. */
const inside = /\n\s+at |node:|\bError\b|undefined|\[object|\bnull\b/;

/** The program has ended by telling this, and in words that are fit for people. */
export function expectTold(ran: Ran, { code, exitCode, says }: Told): void {
  const { stderr, stdout } = ran;
  expect(ran, stderr).toMatchObject({ exitCode, signal: null });
  for (const line of linesOf(stderr)) expect(line).toMatch(comeBack.test(line) ? comeBack : reported);
  expect(stderr).toContain(`(${code})`);
  for (const words of says) expect(stderr).toContain(words);
  expect(stderr).not.toMatch(inside);
  expect(stdout).not.toMatch(/\n\s+at |node:internal/);
}

/** `tokenward check` has found this, on a line of its own, and says at the end that there is something to mend. */
export function expectFound(ran: Ran, { code, says }: Pick<Told, 'code' | 'says'>): void {
  const { stdout, stderr } = ran;
  const finding = linesOf(stdout).find((line) => line.startsWith('error ') && line.endsWith(`(${code})`));
  for (const words of says) expect(finding, stdout).toContain(words);
  expect(stdout).not.toMatch(inside);
  expectTold(ran, { code, exitCode: 78, says: ['check'] });
  expect(linesOf(stderr)).toHaveLength(1);
}

interface Alarm extends Pick<Told, 'code' | 'says'> {
  readonly severity: Severity;
}

/** An alert with this code stands, and says this. */
export function expectAlert({ alerts }: AgentStatus, { code, severity, says }: Alarm): void {
  const alert = alerts.find((each) => each.code === code);
  expect(alert, JSON.stringify(alerts)).toMatchObject({ severity });
  for (const words of says) expect(alert?.summary).toContain(words);
  expect(alert?.summary).toMatch(/^[^\n]+[^.\n]$/);
  expect(alert?.summary).not.toMatch(inside);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

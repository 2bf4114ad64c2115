import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lintTree } from './lint-tree.ts';

interface Case {
  readonly rule: string;
  readonly lines: readonly string[];
  /** The line the rule points at. */
  readonly line: number;
  readonly folder?: string;
}

const statements = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `  use(${index});`);

const cases: readonly Case[] = [
  {
    rule: 'typescript(no-floating-promises)',
    lines: ['export function start(task: () => Promise<void>): void {', '  task();', '}'],
    line: 2,
  },
  {
    rule: 'typescript(no-misused-promises)',
    lines: [
      'export function each(task: () => Promise<void>): void {',
      '  [1].forEach(async () => task());',
      '}',
    ],
    line: 2,
  },
  {
    rule: 'typescript(await-thenable)',
    lines: ['export async function wait(): Promise<void> {', '  await 1;', '}'],
    line: 2,
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    lines: [
      `export function word(flag: 'on' | 'off'): string {`,
      '  switch (flag) {',
      `    case 'on': return 'yes';`,
      '  }',
      `  return 'no';`,
      '}',
    ],
    line: 2,
  },
  {
    rule: 'typescript(no-unnecessary-type-assertion)',
    lines: [`export const same = (text: string): string => text as string;`],
    line: 1,
  },
  {
    rule: 'typescript(consistent-type-imports)',
    lines: [`import { Server } from 'node:http';`, 'export type Listener = Server;'],
    line: 1,
  },
  { rule: 'typescript(no-explicit-any)', lines: ['export type Anything = any;'], line: 1 },
  { rule: 'typescript(no-namespace)', lines: ['export namespace Names { export const a = 1; }'], line: 1 },
  { rule: 'import(no-default-export)', lines: ['export default 1;'], line: 1 },
  { rule: 'eslint(no-console)', lines: [`console.log('hello');`], line: 1 },
  {
    rule: 'eslint(max-lines-per-function)',
    lines: ['export function long(use: (n: number) => void): void {', ...statements(59), '}'],
    line: 1,
  },
  {
    rule: 'eslint(max-lines)',
    lines: ['declare function use(n: number): void;', ...statements(250)],
    line: 251,
  },
  {
    rule: 'vitest(no-restricted-vi-methods)',
    lines: [`import { vi } from 'vitest';`, `vi.mock('node:fs');`],
    line: 2,
    folder: 'test/unit',
  },
];

const pathOf = ({ folder = 'src/serve' }: Case, index: number): string => `${folder}/case-${index}.ts`;

describe('the rules of the house', () => {
  let found: ReadonlySet<Finding>;

  beforeAll(async () => {
    found = await lintTree(new Map(cases.map((one, index) => [pathOf(one, index), one.lines])));
  });

  it.each(cases.map((one, index) => ({ ...one, path: pathOf(one, index) })))(
    '$rule',
    ({ path, line, rule }) => {
      expect([...found]).toContain(`${path}:${line} ${rule}`);
    },
  );
});

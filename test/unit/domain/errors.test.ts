import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asTokenwardError, errorClasses, exitCodes, TokenwardError } from '../../../src/domain/errors.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => {
      const [code = '', ...text] = section.split('\n');
      return [code, text.join('\n')];
    }),
);

const classNames = {
  usage: 'Usage',
  unavailable: 'Unavailable',
  'try-again': 'Try again',
  refused: 'Refused',
  configuration: 'Configuration',
  bug: 'Bug',
} as const;

describe('docs/errors.md', () => {
  it('has a heading for every code, in the same order, and no other', () => {
    expect([...sections.keys()]).toEqual(Object.keys(errorClasses));
  });

  it.each(Object.entries(errorClasses))('%s stands there as %s, with a sentence', (code, kind) => {
    expect(sections.get(code)).toMatch(new RegExp(`^\\*${classNames[kind]}\\.\\* \\S.{20,}`));
  });

  it.each(Object.entries(exitCodes))('gives the class %s the exit code %d', (kind, exitCode) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${kind.replace('-', ' ')} |`));
    expect(row).toContain(`| ${exitCode} |`);
  });
});

describe('an error', () => {
  it.each([
    ['USAGE', 64],
    ['SERVER_UNREACHABLE', 69],
    ['RATE_LIMITED', 75],
    ['SECRET_REVOKED', 77],
    ['STATE_CLONED', 78],
    ['INTERNAL', 1],
  ] as const)('%s ends a command with %d', (code, exitCode) => {
    expect(new TokenwardError(code, 'text').exitCode).toBe(exitCode);
  });

  it('keeps its cause, its fields and when to come back', () => {
    const cause = new Error('below');
    const error = new TokenwardError('RATE_LIMITED', 'text', { cause, fields: { a: 1 }, retryAfterMs: 5 });
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'text',
      cause,
      fields: { a: 1 },
      retryAfterMs: 5,
    });
    expect(new TokenwardError('USAGE', 'text')).toMatchObject({ fields: {}, retryAfterMs: null });
    expect('cause' in new TokenwardError('USAGE', 'text')).toBe(false);
  });

  it('of ours is passed on as it is, a foreign one becomes a bug report that says nothing of it', () => {
    const ours = new TokenwardError('USAGE', 'text');
    expect(asTokenwardError(ours)).toBe(ours);
    const foreign = asTokenwardError(new TypeError('x is undefined'));
    expect(foreign.code).toBe('INTERNAL');
    expect(foreign.message).not.toContain('undefined');
    expect(foreign.cause).toBeInstanceOf(TypeError);
  });
});

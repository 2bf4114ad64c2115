import { expect } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { TokenwardError } from '../../src/domain/errors.ts';
import { expectSameInEditor } from './config-editor.ts';

/** What is said wherever a secret seems to stand. */
export const advice =
  'secrets are never written in the configuration; hand the secret over with `tokenward import AGENT`';

/** Reads with the problems as they are printed, each without the file's name before it. An editor must come to the same. */
export function problemsIn(text: string, env: Record<string, string> = {}): string[] {
  const problems = read(text, env);
  expectSameInEditor(text, problems);
  return problems;
}

function read(text: string, env: Record<string, string>): string[] {
  try {
    parseConfig(text, '/c.yaml', env);
    return [];
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    const lines = error.message.split('\n');
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.fields).toEqual({ problems: lines.length });
    return lines.map((line) => line.replace(/^\/c\.yaml:/, ''));
  }
}

const agent = { provider: 'vcf-logs', url: 'https://logs.example.com', secret: '{ store: file }' };

/** A configuration with one agent in which these keys of the agent are replaced, added, or left out. */
export function withAgent(keys: Record<string, string | null>): string {
  const lines = Object.entries({ ...agent, ...keys }).filter(([, value]) => value !== null);
  return `agents:\n  web-01:\n${lines.map(([key, value]) => `    ${key}: ${value}\n`).join('')}`;
}

import { dirname } from 'node:path';
import * as v from 'valibot';
import { TokenwardError } from '../domain/errors.ts';
import type { Config } from './config.ts';
import { type Problem, readDocument, type SourceDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { misspelt } from './messages.ts';
import { formatPath, type Key } from './path.ts';
import { configSchema } from './schema.ts';

/**
 * The configuration in `text`, which stands in the file `file` (an absolute path). Throws `CONFIG_INVALID` with all problems,
 * one a line as `file:line:column: path: message`.
 */
export function parseConfig(text: string, file: string, env: Environment): Config {
  const document = readDocument(text, env);
  if (document.content === null) throw invalid(file, document.problems);
  const result = v.safeParse(configSchema(dirname(file)), document.content.data);
  const known = new Set(document.problems.map(({ path }) => path));
  // What could not be expanded is judged no further.
  const found = withoutEchoes(result.issues ?? [])
    .map((issue) => locate(document, issue))
    .filter(({ path }) => !known.has(path));
  const problems = [...document.problems, ...found];
  if (!result.success || problems.length > 0) throw invalid(file, problems);
  return result.output;
}

type Issue = v.BaseIssue<unknown>;

/** A key that is missing because it is misspelt is told once: by the unknown key beside it, which says what was meant. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const told = issues.map((issue) => `${sectionOf(issue)} ${issue.message}`);
  return issues.filter((issue) => {
    const isMissing = issue.message.startsWith('is missing');
    return !isMissing || !told.includes(`${sectionOf(issue)} ${misspelt(String(keysOf(issue).at(-1)))}`);
  });
}

function sectionOf(issue: Issue): string {
  return formatPath(keysOf(issue).slice(0, -1));
}

function keysOf({ path }: Issue): readonly Key[] {
  return (path ?? []).map(({ key }) => key as Key);
}

function locate(document: SourceDocument, issue: Issue): Problem {
  return document.problemAt(keysOf(issue), issue.path?.at(-1)?.origin ?? 'value', issue.message);
}

function invalid(file: string, problems: readonly Problem[]): TokenwardError {
  const lines = problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ line, column, path, message }) =>
        `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`,
    );
  const distinct = [...new Set(lines)];
  return new TokenwardError('CONFIG_INVALID', distinct.join('\n'), { fields: { problems: distinct.length } });
}

import { isAlias, isScalar, LineCounter, parseDocument } from 'yaml';
import { expand, type Environment } from './environment.ts';
import { formatPath, type Key } from './path.ts';
import { isResolvable, offsetOf, type Place, placesIn, type YamlTree } from './tree.ts';
import { wordingOf, worthTelling } from './yaml-error.ts';

/** The YAML layer: text in, plain data out, and the place in the text of everything that is wrong. */

export interface Problem {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** `agents.web-01.url`; empty where the text as a whole is meant. */
  readonly path: string;
  readonly message: string;
}

export interface SourceDocument {
  /** Plain data with environment variables put in; null where the text is no single, plain YAML 1.2 document. */
  readonly content: { readonly data: unknown } | null;
  /** In no order; at least one where there is no content. */
  readonly problems: readonly Problem[];
  /** A problem at the value of a path, or at its key; where the path leads nowhere, at the last key on the way. */
  problemAt(path: readonly Key[], at: 'key' | 'value', message: string): Problem;
}

type Locate = (offset: number, path: readonly Key[], message: string) => Problem;

export function readDocument(text: string, env: Environment): SourceDocument {
  const lineCounter = new LineCounter();
  const locate: Locate = (offset, path, message) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path: formatPath(path), message };
  };
  const tree = parse(text, lineCounter);
  const broken = worthTelling([...tree.errors, ...tree.warnings]).map((error) =>
    locate(error.pos[0], [], wordingOf(error, text)),
  );
  const problems = broken.length > 0 ? broken : prepare(tree, env, locate);
  const content = broken.length > 0 ? null : plainData(tree);
  return {
    content,
    problems:
      content === null && problems.length === 0
        ? [locate(0, [], 'nested too deeply, or too many aliases')]
        : problems,
    problemAt: (path, at, message) => locate(offsetOf(tree, path, at), path, message),
  };
}

function parse(text: string, lineCounter: LineCounter): YamlTree {
  return parseDocument(text, {
    lineCounter,
    // Named, so that a %YAML directive in the text does not bring back YAML 1.1 with its octal numbers and merge keys.
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
}

/** Puts the environment into the values, and finds what the plain data would not show any more. */
function prepare(tree: YamlTree, env: Environment, locate: Locate): Problem[] {
  const problems: Problem[] = [];
  for (const place of placesIn(tree)) {
    const problem = problemOf(place, tree) ?? expandIn(place, env);
    if (problem !== null) problems.push(locate(place.node?.range[0] ?? place.offset, place.path, problem));
  }
  return problems;
}

/** These keys would vanish, or do harm, where the tree becomes plain objects. */
export const reservedKeys: readonly unknown[] = ['__proto__', 'constructor', 'prototype'];

function problemOf({ path, node }: Place, tree: YamlTree): string | null {
  if (path.length === 0 && node === null) return 'the file is empty; start from config.example.yaml';
  if (reservedKeys.includes(path.at(-1))) return 'this name is reserved; choose another one';
  if (isAlias(node) && !isResolvable(tree, node))
    return 'no anchor (&name) stands before this alias; a value that begins with * needs quotes';
  return null;
}

function expandIn({ node }: Place, env: Environment): string | null {
  if (!isScalar(node) || typeof node.value !== 'string') return null;
  const expansion = expand(node.value, env);
  if ('problem' in expansion) return expansion.problem;
  node.value = expansion.text;
  return null;
}

/** null where the text is built to exhaust memory or stack: aliases of aliases, or thousands of levels. */
function plainData(tree: YamlTree): { readonly data: unknown } | null {
  try {
    return { data: tree.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError) return null;
    throw error;
  }
}

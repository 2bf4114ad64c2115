import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../support/run-program.ts';
import type { KubernetesObject } from './rendered.ts';

/**
 * Holds objects to the published API, without a network: each becomes an object literal of its type in `kubernetes-types`, and
 * the compiler says what is missing, of another type, or no field of the API at all.
 */

const root = join(import.meta.dirname, '../../..');

/** Where the types of an API group are; a group that is missing here is an error. */
const groups: Readonly<Record<string, string>> = {
  v1: 'core/v1.js',
  'apps/v1': 'apps/v1.js',
  'batch/v1': 'batch/v1.js',
  'policy/v1': 'policy/v1.js',
  'coordination.k8s.io/v1': 'coordination/v1.js',
  'networking.k8s.io/v1': 'networking/v1.js',
  'rbac.authorization.k8s.io/v1': 'rbac/v1.js',
};

/** What the compiler finds, a line each; begins with the kind and the name of the object. */
export async function checkTypes(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-manifests-'));
  try {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'objects.ts'), objects.map(asSource).join(''));
    const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2025', '--types', ''];
    const options = { cwd: folder };
    const ran = await runProgram(
      join(root, 'node_modules/.bin/tsc'),
      [...strict, '--pretty', 'false', 'objects.ts'],
      options,
    );
    if (ran.exitCode === 0) return [];
    const lines = ran.stdout.split('\n').filter((line) => line.startsWith('objects.ts('));
    if (lines.length === 0) throw new Error(`tsc: ${ran.stdout}${ran.stderr}`);
    return lines.map((line) => nameOfLine(line, objects));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line for each object, so that the line of a complaint tells which one is meant. */
function asSource(object: KubernetesObject, index: number): string {
  const { apiVersion, kind } = object;
  const types = groups[apiVersion];
  if (types === undefined) throw new Error(`no types are known for ${apiVersion} ${kind}`);
  return `export const object${index}: import('kubernetes-types/${types}').${kind} = ${JSON.stringify(object)};\n`;
}

function nameOfLine(line: string, objects: readonly KubernetesObject[]): string {
  const [, number, complaint = ''] = /^objects\.ts\((\d+),\d+\): error \w+: (.*)$/.exec(line) ?? [];
  const object = objects[Number(number) - 1];
  return `${object?.kind} ${object?.metadata.name}: ${complaint}`;
}

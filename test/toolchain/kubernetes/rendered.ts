import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { runProgram } from '../../support/run-program.ts';

/** The manifests of deploy/kubernetes as kubectl renders them. */

export const manifests = join(import.meta.dirname, '../../../deploy/kubernetes');

/** Every kustomization, by its folder. */
export const kustomizations: readonly string[] = [
  'identity',
  'base',
  ...readdirSync(join(manifests, 'overlays')).map((name) => `overlays/${name}`),
];

/** As far as the tests look at objects; `checkTypes` holds the whole of them. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** `folder` is one of {@link kustomizations}, or any other by its absolute path. */
export async function rendered(folder: string): Promise<readonly KubernetesObject[]> {
  const ran = await runProgram('kubectl', ['kustomize', resolve(manifests, folder)]);
  // newer ones call names that the one of Debian 12 needs deprecated
  const complaints = ran.stderr.split('\n').filter((line) => !/^$|is deprecated/.test(line));
  if (ran.exitCode !== 0 || complaints.length > 0) throw new Error(`${folder}: ${ran.stderr}`);
  return parseAllDocuments(ran.stdout).map((document) => document.toJS() as KubernetesObject);
}

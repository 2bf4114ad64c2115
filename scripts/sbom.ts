/** `npm run sbom`: dist/sbom.cdx.json, or the file that is named: what is in dist/, as CycloneDX. After `npm run build`. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  /** Of a package under another name too it has the true one. */
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string }[];
  readonly licenses?: readonly unknown[];
}

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component; readonly timestamp?: string };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/**
 * npm knows the whole tree, most of which only builds and tests. What is in the product is what has its licence in it: the build
 * writes that list from the bundles. The same input gives the same text.
 */
export function productBom(bom: Bom, licenses: string, nodeVersion: string): Bom {
  const listed = licenses.matchAll(/^(\S+ \d\S*) \(.+\)$/gm);
  const inProduct = new Set([...listed].map(([, heading = '']) => heading.replace(' ', '@')));
  const components = [
    ...bom.components.filter((component) => inProduct.has(trueName(component))).map(asShipped),
    nodeComponent(nodeVersion),
  ];
  const { serialNumber: _, metadata, ...rest } = bom;
  const { timestamp: __, ...lasting } = metadata;
  const references = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
  return {
    ...rest,
    // npm takes the name of the folder, and everything for a library.
    metadata: { ...lasting, component: { ...metadata.component, type: 'application', name: 'tokenward' } },
    components,
    dependencies: bom.dependencies
      .filter(({ ref }) => references.has(ref))
      .map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: dependsOn.filter((other) => references.has(other)),
      })),
  };
}

function nodeComponent(version: string): Component {
  return {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
}

/** `@github/keytar@7.10.6`, of `pkg:npm/%40github/keytar@7.10.6`. */
function trueName({ purl = '' }: Component): string {
  return decodeURIComponent(purl.replace(/^pkg:npm\//, ''));
}

/** What npm counts among the tools of development is in the product all the same. */
function asShipped(component: Component): Component {
  const properties = (component.properties ?? []).filter(
    ({ name }) => name !== 'cdx:npm:package:development',
  );
  return { ...component, properties };
}

if (import.meta.main) {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const licenses = await readFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const bom = productBom(JSON.parse(stdout) as Bom, licenses, process.versions.node);
  await writeFile(process.argv[2] ?? join(root, 'dist/sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
}

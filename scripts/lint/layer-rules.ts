import type { OxlintOverride } from 'oxlint';
import { files, layers, packageOwners, pure, selfContained } from './layers.ts';

interface RestrictedPattern {
  readonly regex: string;
  readonly message: string;
  readonly allowTypeImports?: boolean;
}

const impureGlobals = [
  'Date',
  'performance',
  'process',
  'console',
  'fetch',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
];

const impureProperties = [
  { object: 'Math', property: 'random', message: 'take randomness through ports/random' },
  { object: 'AbortSignal', property: 'timeout', message: 'take timers through ports/clock' },
];

/** Lint rules for every layer: what it may import and, where it is pure, which globals it may not touch. */
export function layerOverrides(): OxlintOverride[] {
  return Object.keys(layers).flatMap((layer) => [
    { files: [`src/${layer}/**/*.ts`], rules: layerRules(layer, String.raw`(\.\./)+`) },
    { files: [`src/${layer}.ts`], rules: layerRules(layer, String.raw`\./`) },
  ]);
}

/** `up` is how a path from a file of the layer to the top of src/ begins, as a regular expression. */
function layerRules(layer: string, up: string): NonNullable<OxlintOverride['rules']> {
  const patterns = [hiddenLayers(layer, up), ...hiddenPackages(layer)];
  return {
    'no-restricted-imports': ['error', { patterns }],
    ...(pure.includes(layer) && {
      'no-restricted-globals': [
        'error',
        { globals: impureGlobals.map(throughAPort), checkGlobalObject: true },
      ],
      'no-restricted-properties': ['error', ...impureProperties],
    }),
  };
}

function hiddenLayers(layer: string, up: string): RestrictedPattern {
  const visible = [layer, ...(layers[layer] ?? [])];
  const hidden = Object.keys(layers).filter((name) => !visible.includes(name));
  const hiddenFiles = hidden.filter((name) => files.includes(name));
  const inFolder = `(${hidden.join('|')})/`;
  const asFile = hiddenFiles.length > 0 ? String.raw`|(${hiddenFiles.join('|')})\.ts$` : '';
  return {
    regex: String.raw`^${up}(src/|${inFolder}${asFile})`,
    message: `${layer} sees ${visible.join(', ')}: scripts/lint/layers.ts`,
  };
}

function hiddenPackages(layer: string): RestrictedPattern[] {
  if (selfContained.includes(layer)) {
    return [{ regex: '^[^.]', message: `${layer} imports no package and no part of Node` }];
  }
  return Object.entries(packageOwners)
    .filter(([, owner]) => owner !== layer)
    .map(([name, owner]) => ({
      regex: `^${name}(/|$)`,
      message: `only ${owner} uses ${name}`,
      allowTypeImports: true,
    }));
}

function throughAPort(name: string): { name: string; message: string } {
  return { name, message: 'this layer is pure: take it through a port' };
}

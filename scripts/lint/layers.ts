/**
 * The layer map of src/ as data; `layer-rules.ts` makes lint rules of it.
 *
 * Imports point down only. A name stands for the folder of that name in src/, or for the file. A toolchain test fails
 * for anything in src/ that is missing here, so no code is ever outside the rules.
 */

const outside = ['domain', 'ports', 'platform'];

const belowTheRoots = [
  ...outside,
  'engine',
  'providers',
  'secrets',
  'journal',
  'outputs',
  'serve',
  'alerts',
  'config',
];

/** What each layer may import besides itself. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ['domain'],
  engine: ['domain', 'ports'],
  platform: ['domain', 'ports'],
  providers: outside,
  secrets: outside,
  journal: outside,
  outputs: outside,
  serve: outside,
  alerts: outside,
  config: outside,
  client: outside,
  doctor: [...outside, 'config', 'client'],
  emulator: ['platform'],
  composition: belowTheRoots,
  daemon: [...belowTheRoots, 'composition'],
  operator: [...belowTheRoots, 'composition'],
  cli: ['domain', 'platform', 'config', 'client', 'doctor', 'emulator', 'daemon', 'operator'],
  main: ['domain', 'platform', 'daemon', 'cli'],
};

/** Layers that are files directly in src/; each may grow into a folder of the same name. */
export const files: readonly string[] = ['composition', 'daemon', 'operator', 'main'];

/** Layers that import no package and no part of Node: effects are passed in through ports. */
export const selfContained: readonly string[] = ['domain', 'ports', 'engine'];

/** Layers that may not reach time, randomness or the process through a global either. */
export const pure: readonly string[] = ['domain', 'engine'];

/**
 * Packages that belong to one layer (types may be imported anywhere): what `run` loads stays small, and native or
 * exchangeable parts stay behind one door.
 */
export const packageOwners: Readonly<Record<string, string>> = {
  keytar: 'secrets',
  koffi: 'platform',
  pino: 'platform',
  'prom-client': 'platform',
  undici: 'platform',
  yaml: 'config',
  yargs: 'cli',
};

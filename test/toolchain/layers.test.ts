import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { layers } from '../../scripts/lint/layers.ts';
import { lintTree, type Finding } from './lint-tree.ts';

const importRule = 'eslint(no-restricted-imports)';
const globalRule = 'eslint(no-restricted-globals)';
const propertyRule = 'eslint(no-restricted-properties)';
const cycleRule = 'import(no-cycle)';
const layerRules = [importRule, globalRule, propertyRule, cycleRule];

/** A line of source and the layer rule it breaks, or null where it keeps them all. */
type Line = readonly [path: string, text: string, rule: string | null];

const forbiddenImports: readonly Line[] = [
  ['src/domain/a.ts', `import { readFileSync } from 'node:fs';`, importRule],
  ['src/domain/a.ts', `import { object } from 'valibot';`, importRule],
  ['src/domain/a.ts', `import type { Clock } from '../ports/clock.ts';`, importRule],
  ['src/domain/a.ts', `void import('../ports/clock.ts');`, importRule],
  ['src/domain/a.ts', `export { clock } from '../ports/clock.ts';`, importRule],
  ['src/domain/deep/a.ts', `import { Clock } from '../../ports/clock.ts';`, importRule],
  ['src/ports/a.ts', `import { Broker } from '../engine/broker.ts';`, importRule],
  ['src/ports/a.ts', `import type { Readable } from 'node:stream';`, importRule],
  ['src/engine/a.ts', `import { SystemDisk } from '../platform/system-disk.ts';`, importRule],
  ['src/engine/a.ts', `import { SystemClock } from '../../src/platform/system-clock.ts';`, importRule],
  ['src/engine/a.ts', `import { setTimeout } from 'node:timers/promises';`, importRule],
  ['src/platform/a.ts', `import { Broker } from '../engine/broker.ts';`, importRule],
  ['src/platform/a.ts', `import { load } from '../config/load.ts';`, importRule],
  ['src/providers/vcf-logs/a.ts', `import { MemoryStore } from '../../secrets/memory.ts';`, importRule],
  ['src/providers/vcf-logs/a.ts', `import Client from 'undici/lib/dispatcher/client.js';`, importRule],
  ['src/secrets/a.ts', `import { Session } from '../journal/session.ts';`, importRule],
  ['src/journal/a.ts', `import { Broker } from '../engine/broker.ts';`, importRule],
  ['src/outputs/a.ts', `import { schema } from '../config/schema.ts';`, importRule],
  ['src/serve/a.ts', `import { FileJournal } from '../journal/file-journal.ts';`, importRule],
  ['src/serve/a.ts', `import { startDaemon } from '../daemon.ts';`, importRule],
  ['src/serve/a.ts', `import yargs from 'yargs';`, importRule],
  ['src/alerts/a.ts', `import { TokenFile } from '../outputs/token-file.ts';`, importRule],
  ['src/config/a.ts', `import { provider } from '../providers/vcf-logs/provider.ts';`, importRule],
  ['src/client/a.ts', `import { routes } from '../serve/routes.ts';`, importRule],
  ['src/doctor/a.ts', `import { keySource } from '../secrets/registry.ts';`, importRule],
  ['src/emulator/a.ts', `import { Secret } from '../domain/secret.ts';`, importRule],
  ['src/daemon.ts', `import { startEmulator } from './emulator/start-emulator.ts';`, importRule],
  ['src/operator.ts', `import { runCommand } from './cli/run-command.ts';`, importRule],
  ['src/cli/a.ts', `import { Broker } from '../engine/broker.ts';`, importRule],
  ['src/main.ts', `import { routes } from './serve/routes.ts';`, importRule],
];

const allowedImports: readonly Line[] = [
  ['src/domain/b.ts', `import { Secret } from './secret.ts';`, null],
  ['src/domain/b.ts', `import { alertsOf } from './alerts.ts';`, null],
  ['src/ports/b.ts', `import type { Secret } from '../domain/secret.ts';`, null],
  ['src/engine/b.ts', `import type { Clock } from '../ports/clock.ts';`, null],
  ['src/platform/b.ts', `import { open } from 'node:fs/promises';`, null],
  ['src/platform/b.ts', `import koffi from 'koffi';`, null],
  ['src/providers/vcf-logs/b.ts', `import { HttpClient } from '../../platform/http/client.ts';`, null],
  ['src/providers/vcf-logs/b.ts', `import { outcomeOf } from './outcome.ts';`, null],
  ['src/secrets/b.ts', `import keytar from 'keytar';`, null],
  ['src/serve/b.ts', `import type { Registry } from 'prom-client';`, null],
  ['src/config/b.ts', `import { parseDocument } from 'yaml';`, null],
  ['src/daemon.ts', `import { FileJournal } from './journal/file-journal.ts';`, null],
  ['src/operator.ts', `import { load } from './config/load.ts';`, null],
  ['src/cli/b.ts', `import { startEmulator } from '../emulator/start-emulator.ts';`, null],
  ['src/cli/b.ts', `import { enroll } from '../operator.ts';`, null],
  ['src/cli/b.ts', `import { examine } from '../doctor/examine.ts';`, null],
  ['src/doctor/b.ts', `import { DaemonClient } from '../client/daemon-client.ts';`, null],
  ['src/main.ts', `void import('./cli/cli.ts');`, null],
];

const impureLines: readonly Line[] = ['src/domain/c.ts', 'src/engine/c.ts'].flatMap(
  (path): readonly Line[] => [
    [path, 'export const wallClock = Date.now();', globalRule],
    [path, 'export const today = globalThis.Date;', globalRule],
    [path, 'export const timer = setTimeout(Boolean, 1);', globalRule],
    [path, 'export const environment = process.env;', globalRule],
    [path, 'export const chance = Math.random();', propertyRule],
    [path, 'export const deadline = AbortSignal.timeout(1);', propertyRule],
    [path, 'export const largest = Math.max(1, 2);', null],
  ],
);

const cycle: readonly Line[] = [
  ['src/domain/chicken.ts', `import type { Egg } from './egg.ts';`, cycleRule],
  ['src/domain/chicken.ts', `export type Chicken = { readonly from: Egg };`, null],
  ['src/domain/egg.ts', `import type { Chicken } from './chicken.ts';`, cycleRule],
  ['src/domain/egg.ts', `export type Egg = { readonly of: Chicken };`, null],
];

describe('the layer rules', () => {
  const lines = [...forbiddenImports, ...allowedImports, ...impureLines, ...cycle];
  const sources = Map.groupBy(lines, ([path]) => path);
  let found: ReadonlySet<Finding>;

  beforeAll(async () => {
    found = await lintTree(
      new Map([...sources].map(([path, group]) => [path, group.map(([, text]) => text)])),
    );
  });

  it.each(lines)('%s: %s → %s', (path, text, rule) => {
    const number = (sources.get(path) ?? []).findIndex(([, other]) => other === text) + 1;
    const broken = layerRules.filter((name) => found.has(`${path}:${number} ${name}`));
    expect(broken).toEqual(rule === null ? [] : [rule]);
  });

  it('know every folder and file of src/', () => {
    const names = readdirSync(join(import.meta.dirname, '../../src')).map((name) =>
      name.replace(/\.ts$/, ''),
    );
    expect(names.filter((name) => !(name in layers))).toEqual([]);
  });
});

import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { RecoveryActionName } from '../../../src/domain/recovery-report.ts';
import { createAuthority, issueLeaf } from '../../../src/emulator/certificates.ts';
import type { RotationPolicy } from '../../../src/emulator/vcf-logs/rotation-policy.ts';
import { Installation, type ConfigOverrides } from '../../support/installation.ts';

/** Agents that only a person gets going again, in a real state folder of the file store. */

export interface Stuck {
  readonly name: string;
  readonly policy?: RotationPolicy;
  readonly config?: ConfigOverrides;
  /** Brings an agent of generation 1, whose daemon has ended, into the situation. */
  readonly spoil: (site: Installation) => Promise<void>;
  readonly code: ErrorCode;
  readonly recommended: RecoveryActionName;
  /** Of the agent's status while nobody has decided. */
  readonly state: string;
}

const day = 86_400_000;
const validity = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
const authority = createAuthority('tokenward tests', validity);

/** An installation with an agent of generation 1 whose daemon has ended. Its server has two addresses. */
export async function begun({
  policy,
  config,
}: Pick<Stuck, 'policy' | 'config'> = {}): Promise<Installation> {
  const hosts = ['127.0.0.1', 'localhost'];
  const tls = issueLeaf(authority, { commonName: 'log server', usage: 'server', validity, hosts });
  const site = await Installation.create({
    // what a state folder is bound to is then an id in it, on every host
    env: { container: 'tests' },
    emulator: { tls, ...(policy !== undefined && { policy }) },
    ...(config !== undefined && { config }),
  });
  await writeFile(site.caFile, authority.cert);
  await site.provision();
  await exchanged(site);
  return site;
}

/** Runs a daemon for as long as one exchange takes. */
async function exchanged(site: Installation): Promise<void> {
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  await daemon.end();
}

export function fileOf(site: Installation, name: string): string {
  return join(site.stateDir, 'agents', site.agent, `${name}.sealed`);
}

async function flip(path: string): Promise<void> {
  const content = await readFile(path);
  const middle = content.length >> 1;
  content[middle] = content[middle]! ^ 1;
  await writeFile(path, content);
}

/** A refresh whose answer does not help: it leaves a doubt. */
async function doubted(
  site: Installation,
  fault: Parameters<Installation['emulator']['addFault']>[0],
): Promise<void> {
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  site.emulator.addFault({ endpoint: 'exchange', ...fault });
  expect((await site.cli(['refresh', site.agent])).exitCode).toBe(75);
  await daemon.end();
}

/** Twice from generation 1 to 2, and then the stored secret of the first time beside the journal of the second. */
async function forked(site: Installation): Promise<void> {
  const folder = join(site.stateDir, 'agents', site.agent);
  const names = ['journal', 'session', 'secret'];
  const backup = join(site.folder, 'backup');
  await mkdir(backup);
  for (const name of names) await copyFile(fileOf(site, name), join(backup, name));
  await refreshed(site);
  await rename(fileOf(site, 'secret'), join(backup, 'other'));
  for (const name of names) await copyFile(join(backup, name), join(folder, `${name}.sealed`));
  await refreshed(site);
  await copyFile(join(backup, 'other'), fileOf(site, 'secret'));
}

async function refreshed(site: Installation): Promise<void> {
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
  await daemon.end();
}

export const clone = (site: Installation) =>
  writeFile(join(site.stateDir, 'volume-id'), '00000000-0000-4000-8000-000000000000\n');

export const rolledBack = { name: 'rolled back', policy: 'reusable', spoil: forked } as const;

// a replay waits until the first attempt is surely over
const halt = { agent: { in_doubt: 'halt', exchange_deadline: '1s' } };

export const stuck: readonly Stuck[] = [
  {
    name: 'a copy on another volume',
    spoil: clone,
    code: 'STATE_CLONED',
    recommended: 'adopt',
    state: 'blocked',
  },
  {
    name: 'another address of the server',
    spoil: (site) => site.configure({ agent: { url: site.emulator.url.replace('127.0.0.1', 'localhost') } }),
    code: 'SERVER_CHANGED',
    recommended: 'adopt',
    state: 'blocked',
  },
  {
    name: 'a journal that is gone',
    spoil: (site) => rm(fileOf(site, 'journal')),
    code: 'STORE_MISMATCH',
    recommended: 'adopt',
    state: 'blocked',
  },
  {
    name: 'a damaged journal',
    spoil: (site) => flip(fileOf(site, 'journal')),
    code: 'STATE_UNREADABLE',
    recommended: 'adopt',
    state: 'blocked',
  },
  {
    name: 'a damaged secret',
    spoil: (site) => flip(fileOf(site, 'secret')),
    code: 'STATE_UNREADABLE',
    recommended: 'set-aside-unreadable',
    state: 'blocked',
  },
  {
    name: 'a doubt under halt',
    policy: 'grace',
    config: halt,
    spoil: (site) => doubted(site, { kind: 'reset', when: 'after-commit' }),
    code: 'IN_DOUBT',
    recommended: 'replay',
    state: 'blocked',
  },
  {
    name: 'an answer of another form',
    config: halt,
    spoil: (site) => doubted(site, { kind: 'reshaped' }),
    code: 'IN_DOUBT',
    recommended: 'finish-from-answer',
    state: 'blocked',
  },
];

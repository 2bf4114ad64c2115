import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Line, Summary } from '../../../src/doctor/line.ts';
import { createAuthority, issueLeaf, type Validity } from '../../../src/emulator/certificates.ts';
import { Installation, type InstallationOptions } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import type { RunOptions } from '../../support/run-program.ts';

/** An installation with nothing for a doctor to find, unlike the usual one, whose certificates last for a day. */

const dayMs = 86_400_000;

export function days(from: number, to: number): Validity {
  return { from: new Date(Date.now() + from * dayMs), to: new Date(Date.now() + to * dayMs) };
}

export async function wellSite(options: InstallationOptions = {}): Promise<Installation> {
  return siteWith(days(-1, 90), options);
}

/** Its server has a certificate of this validity. */
export async function siteWith(
  validity: Validity,
  { emulator, config, ...options }: InstallationOptions = {},
): Promise<Installation> {
  const authority = createAuthority('authority of the log server', days(-1, 400));
  const identity = { commonName: 'log server', usage: 'server', hosts: ['127.0.0.1'] } as const;
  const tls = issueLeaf(authority, { ...identity, validity });
  const site = await Installation.create({
    emulator: { tls, ...emulator },
    config: config ?? {},
    ...options,
  });
  await writeFile(site.caFile, authority.cert);
  return site;
}

/** The same with a daemon that has its first token. */
export async function runningSite(options: InstallationOptions = {}): Promise<Installation> {
  await using making = new AsyncDisposableStack();
  const site = making.use(await wellSite(options));
  await site.provision();
  await site.run().logged('state-changed', { state: 'active' });
  making.move();
  return site;
}

/** Gives everything to a user, who runs the daemon. */
export async function giveTo(site: Installation, uid: number): Promise<void> {
  for (const path of [site.folder, site.stateDir, site.configFile, site.adminTokenFile])
    await chown(path, uid, uid);
  await chmod(site.folder, 0o755);
}

export type ToldLine = Line & { readonly group: string };

interface Told {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly ok: boolean;
  readonly summary: Summary;
  readonly lines: readonly ToldLine[];
  /** Those that are not ok. */
  readonly troubles: readonly ToldLine[];
}

export async function doctor(
  site: Installation,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Told> {
  const { exitCode, stdout, stderr } = await site.cli(['doctor', '--json', ...args], options);
  const report = JSON.parse(stdout) as Pick<Told, 'ok' | 'summary' | 'lines'>;
  // what the host grants to processes, and how busy its disk is, is not the test's to decide
  const troubles = report.lines.filter(
    ({ id, status, detail }) =>
      status !== 'ok' && !id.startsWith('unit-') && !detail.startsWith('a durable write takes'),
  );
  return { exitCode, stderr, ...report, troubles };
}

/** Exactly this is failing, whatever else is told, and the exit code says so. */
export function expectFailing(
  told: Told,
  exitCode: 69 | 78,
  wanted: Readonly<Record<string, readonly [detail: RegExp, mend: RegExp]>>,
): void {
  const found = told.troubles.filter(({ status }) => status === 'failing');
  const lines = Object.entries(wanted).map(
    ([id, [detail, mend]]) =>
      expect.objectContaining({ id, detail: matching(detail), mend: matching(mend) }) as unknown,
  );
  expect(found).toEqual(lines);
  const code = exitCode === 78 ? 'DOCTOR_CONFIGURATION' : 'DOCTOR_SURROUNDINGS';
  expect(told).toMatchObject({ exitCode, ok: false, stderr: matching(`(${code})`) });
}

export function fileIn(site: Installation, ...names: readonly string[]): string {
  return join(site.stateDir, ...names);
}

/**
 * Brings the real programs that tests run against, before the tests: as root on Debian and its kin by installing them,
 * elsewhere by saying what will be skipped. In CI a part that is still missing ends the run.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  hasPart,
  installCommand,
  partNames,
  parts,
  partsRequired,
  type PartName,
} from '../test/support/part-list.ts';

const run = promisify(execFile);

/** Parts that bring a service, which nobody wants to run after the next boot. */
const services: Readonly<Partial<Record<PartName, string>>> = {
  'docker.io': 'docker',
  'nginx-light': 'nginx',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'syslog-ng-core': 'syslog-ng',
};

/** A host has one of the kind: where it has rsyslog, these are not installed. */
const systemLoggers: readonly PartName[] = ['syslog-ng-core', 'syslog-ng-mod-http', 'syslog-ng-mod-python'];

/** Debian starts the services of a package that it installs, unless this file says no (exit 101). */
const servicePolicy = '/usr/sbin/policy-rc.d';

const missing = (): PartName[] => partNames.filter((name) => !hasPart(name));

const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

const isSystemLogger = (name: PartName): boolean => systemLoggers.includes(name);

if (mayInstall) {
  await install(missing().filter((name) => !isSystemLogger(name)));
  await install(missing().filter(isSystemLogger));
}

const absent = missing();
const consequence = partsRequired ? 'CI does not go on without it' : 'tests that need it are skipped';
for (const name of absent) say(`${name} is missing, ${consequence} (${parts[name].purpose})`);
if (absent.length > 0) say(`to have it: ${installCommand(absent)}`);
if (absent.length > 0 && partsRequired) process.exitCode = 1;

async function install(names: readonly PartName[]): Promise<void> {
  if (names.length === 0) return;
  for (const name of names) say(`installing ${name} (${parts[name].purpose})`);
  try {
    await withoutStartingServices(async () => {
      // Without lists, or with old ones, the first try fails within a second.
      await aptGet('install', names).catch(async () => {
        await aptGet('update', []);
        await aptGet('install', names);
      });
    });
    for (const [name, service] of Object.entries(services)) {
      if (names.includes(name as PartName) && existsSync('/usr/bin/systemctl'))
        await run('systemctl', ['disable', '--quiet', service]);
    }
  } catch (error) {
    // Not the end: what is missing is told and skipped, as on a machine that has no apt.
    say(`apt-get failed: ${String((error as { stderr?: unknown }).stderr ?? error).trim()}`);
  }
}

async function aptGet(verb: 'install' | 'update', names: readonly PartName[]): Promise<void> {
  const options = ['--quiet', '--yes', '--no-remove', '--no-install-recommends'];
  await run('apt-get', [verb, ...options, '-o', 'DPkg::Lock::Timeout=300', ...names], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** The parts are wanted as programs that tests start, not as services of this machine. */
async function withoutStartingServices(task: () => Promise<void>): Promise<void> {
  const ours = !existsSync(servicePolicy);
  if (ours) await writeFile(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await task();
  } finally {
    if (ours) await rm(servicePolicy);
  }
}

function say(line: string): void {
  process.stdout.write(`test parts: ${line}\n`);
}

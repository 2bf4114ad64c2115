import { dirname } from 'node:path';
import { filesOf, type InstallOptions, type Purpose } from './placed-files.ts';

/** What `install-systemd` does and undoes, as steps in their order. Pure: what is on the host comes in as facts. */

export type Step =
  | { readonly do: 'folder'; readonly path: string; readonly mode: number }
  /** `keep`: a file that is there stays, whatever is in it. */
  | {
      readonly do: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: string;
      readonly keep: boolean;
    }
  /** `tolerant`: it may fail, as where what it undoes is undone. */
  | { readonly do: 'run'; readonly command: readonly string[]; readonly tolerant: boolean }
  /** `content`: only where it still holds exactly this. */
  | { readonly do: 'remove'; readonly path: string; readonly content: string | null }
  | { readonly do: 'remove-folder'; readonly path: string; readonly whole: boolean };

export function installPlan(options: InstallOptions): readonly Step[] {
  const files = filesOf(options);
  const folders = new Map(files.map(({ path, folderMode }) => [dirname(path), folderMode]));
  return [
    ...[...folders].map(([path, mode]): Step => ({ do: 'folder', path, mode })),
    ...stateFolder(options.purpose),
    ...files.map(({ path, mode, content, keep }): Step => ({ do: 'file', path, mode, content, keep })),
    ...afterInstall(options),
  ];
}

/** `hasState`: whether there is something in the state folder. */
export function uninstallPlan(
  options: InstallOptions,
  { hasState }: { readonly hasState: boolean },
): readonly Step[] {
  const { purpose } = options;
  const files = filesOf(options);
  const removals = files.map(({ path, content, keep }): Step => ({
    do: 'remove',
    path,
    content: keep ? content : null,
  }));
  const folders = new Set(files.filter(({ isOwnFolder }) => isOwnFolder).map(({ path }) => dirname(path)));
  return [
    ...beforeUninstall(options),
    ...removals,
    ...[...folders].toReversed().map((path): Step => ({ do: 'remove-folder', path, whole: false })),
    ...afterUninstall(options),
    ...(purpose.kind === 'system' && !hasState ? goneUser : []),
  ];
}

/** systemd makes that of the system, but those of users elsewhere, depending on its version. */
function stateFolder(purpose: Purpose): readonly Step[] {
  return purpose.kind === 'user' ? [{ do: 'folder', path: purpose.stateDir, mode: 0o700 }] : [];
}

function run(...command: readonly string[]): Step {
  return { do: 'run', command, tolerant: false };
}

function tryToRun(...command: readonly string[]): Step {
  return { do: 'run', command, tolerant: true };
}

function afterInstall({ purpose, systemdRuns }: InstallOptions): readonly Step[] {
  switch (purpose.kind) {
    case 'package':
      return [];
    case 'user':
      return systemdRuns ? [tryToRun('systemctl', '--user', 'daemon-reload')] : [];
    case 'system':
      return [
        run('systemd-sysusers', '/etc/sysusers.d/tokenward.conf'),
        run('systemd-tmpfiles', '--create', '/etc/tmpfiles.d/tokenward.conf'),
        ...(systemdRuns ? [run('systemctl', 'daemon-reload')] : []),
      ];
  }
}

const systemUnits = ['tokenward.socket', 'tokenward.service', 'tokenward-keyring.service'] as const;
const userUnits = ['tokenward.socket', 'tokenward.service'] as const;

function beforeUninstall({ purpose, systemdRuns }: InstallOptions): readonly Step[] {
  if (!systemdRuns || purpose.kind === 'package') return [];
  return purpose.kind === 'user'
    ? [tryToRun('systemctl', '--user', 'disable', '--now', ...userUnits)]
    : [tryToRun('systemctl', 'disable', '--now', ...systemUnits)];
}

function afterUninstall({ purpose, systemdRuns }: InstallOptions): readonly Step[] {
  if (purpose.kind === 'package') return [];
  const [manager, units] =
    purpose.kind === 'user' ? [['systemctl', '--user'], userUnits] : [['systemctl'], systemUnits];
  return [
    ...(purpose.kind === 'system'
      ? [{ do: 'remove-folder', path: '/run/tokenward', whole: true } as const]
      : []),
    ...(systemdRuns
      ? [tryToRun(...manager, 'daemon-reload'), tryToRun(...manager, 'reset-failed', ...units)]
      : []),
  ];
}

/** Who still has files keeps his name: a number without one could become somebody else's. */
const goneUser: readonly Step[] = [
  { do: 'remove-folder', path: '/var/lib/tokenward', whole: false },
  { do: 'remove-folder', path: '/var/lib/tokenward-keyring', whole: false },
  tryToRun('userdel', 'tokenward'),
  tryToRun('groupdel', 'tokenward-clients'),
];

import { dirname } from 'node:path';

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

/** The texts that are put in place, by their path below `systemd/`. */
export type UnitTexts = ReadonlyMap<string, string>;

export type Purpose =
  /** This host. */
  | { readonly kind: 'system' }
  /** The user that asks; all paths absolute. */
  | {
      readonly kind: 'user';
      readonly configHome: string;
      /** As the example configuration names it. */
      readonly stateDir: string;
      readonly uid: number;
    }
  /** A folder that becomes a package: nothing outside of it, no user, no systemctl. */
  | { readonly kind: 'package'; readonly root: string };

export interface InstallOptions {
  readonly purpose: Purpose;
  readonly texts: UnitTexts;
  /** Absolute paths for `ExecStart`; null leaves those of the unit. */
  readonly program: string | null;
  readonly node: string | null;
  /** Whether systemd runs here, so that it can be told. */
  readonly systemdRuns: boolean;
}

const unitPrograms = {
  node: '/usr/lib/tokenward/node',
  program: '/usr/lib/tokenward/tokenward.js',
} as const;

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

interface PlacedFile {
  readonly path: string;
  readonly mode: number;
  readonly folderMode: number;
  readonly content: string;
  readonly keep: boolean;
  /** Whether the folder is nobody else's. */
  readonly isOwnFolder: boolean;
}

function filesOf({ purpose, texts, program, node }: InstallOptions): readonly PlacedFile[] {
  const places = placesOf(purpose);
  return [...texts].flatMap(([name, text]) => {
    const place = placeOf(name, places);
    if (place === null) return [];
    const content = withPrograms(text, program, node).replaceAll('@UID@', uidText(purpose));
    return [{ mode: 0o644, folderMode: 0o755, keep: false, isOwnFolder: false, content, ...place }];
  });
}

function uidText(purpose: Purpose): string {
  return purpose.kind === 'user' ? String(purpose.uid) : 'root';
}

interface Places {
  readonly system: string | null;
  readonly user: string | null;
  readonly sysusers: string | null;
  readonly tmpfiles: string | null;
  readonly config: string;
  readonly examples: string | null;
  readonly isUser: boolean;
}

function placesOf(purpose: Purpose): Places {
  switch (purpose.kind) {
    case 'system':
      return {
        system: '/etc/systemd/system',
        user: null,
        sysusers: '/etc/sysusers.d',
        tmpfiles: '/etc/tmpfiles.d',
        config: '/etc/tokenward',
        examples: null,
        isUser: false,
      };
    case 'package':
      return {
        system: `${purpose.root}/usr/lib/systemd/system`,
        user: `${purpose.root}/usr/lib/systemd/user`,
        sysusers: `${purpose.root}/usr/lib/sysusers.d`,
        tmpfiles: `${purpose.root}/usr/lib/tmpfiles.d`,
        config: `${purpose.root}/etc/tokenward`,
        examples: `${purpose.root}/usr/share/doc/tokenward/examples/systemd`,
        isUser: false,
      };
    case 'user':
      return {
        system: null,
        user: `${purpose.configHome}/systemd/user`,
        sysusers: null,
        tmpfiles: null,
        config: `${purpose.configHome}/tokenward`,
        examples: null,
        isUser: true,
      };
  }
}

type Place = Pick<PlacedFile, 'path'> & Partial<PlacedFile>;

/** Where a text goes; null for one that is not for this purpose. */
function placeOf(name: string, places: Places): Place | null {
  const { config, isUser } = places;
  const [first = '', ...rest] = name.split('/');
  const below = rest.join('/');
  if (name === (isUser ? 'user/config.yaml' : 'config.yaml'))
    return {
      path: `${config}/config.yaml`,
      keep: true,
      isOwnFolder: true,
      ...(isUser && { mode: 0o600, folderMode: 0o700 }),
    };
  if (name === 'sysusers.conf') return at(places.sysusers, 'tokenward.conf');
  if (name === 'tmpfiles.conf') return at(places.tmpfiles, 'tokenward.conf');
  if (first === 'user') return below === 'config.yaml' ? null : at(places.user, below);
  if (first === 'keyring') return isUser ? null : { path: `${config}/keyring/${below}`, isOwnFolder: true };
  if (first === 'examples') return at(places.examples, below, true);
  return rest.length === 0 && /\.(service|socket)$/.test(name) ? at(places.system, name) : null;
}

function at(folder: string | null, name: string, isOwnFolder = false): Place | null {
  return folder === null ? null : { path: `${folder}/${name}`, isOwnFolder };
}

function withPrograms(text: string, program: string | null, node: string | null): string {
  return text
    .replaceAll(unitPrograms.node, (usual) => (node === null ? usual : unitWord(node)))
    .replaceAll(unitPrograms.program, (usual) => (program === null ? usual : unitWord(program)));
}

/** One word of a command line in a unit (systemd.service(5)). */
function unitWord(path: string): string {
  const escaped = path
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
    .replaceAll(/["\\]/g, String.raw`\$&`);
  return /[\s"'\\;]/.test(path) ? `"${escaped}"` : escaped;
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

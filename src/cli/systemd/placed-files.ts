/** Which text goes where, for each purpose. Pure. */

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

export interface PlacedFile {
  readonly path: string;
  readonly mode: number;
  readonly folderMode: number;
  readonly content: string;
  readonly keep: boolean;
  /** Whether the folder is nobody else's. */
  readonly isOwnFolder: boolean;
}

/** All files of a purpose, in the order of their names. */
export function filesOf({ purpose, texts, program, node }: InstallOptions): readonly PlacedFile[] {
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

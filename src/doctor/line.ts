import { type ErrorCode, errorClasses } from '../domain/errors.ts';

/**
 * What the doctor says: one line for each thing that it looked at. The `id` of a line is a contract like the codes of errors
 * (`docs/doctor.md` has a row for each); its words are free to improve.
 */

export type Status = 'ok' | 'warning' | 'failing';

/** In the order in which they are told. */
export const groups = [
  'configuration',
  'daemon',
  'permissions',
  'sockets',
  'secrets',
  'servers',
  'disk',
  'host',
] as const;

export type Group = (typeof groups)[number];

interface LineKind {
  readonly group: Group;
  /** What a failing line asks for: a person at this host's files and settings, or something elsewhere that works again. */
  readonly blames: 'configuration' | 'surroundings';
}

/** Every kind of line, in the order of `docs/doctor.md`. */
export const lineKinds = {
  'config-file': { group: 'configuration', blames: 'configuration' },
  'config-check': { group: 'configuration', blames: 'configuration' },
  'daemon-answer': { group: 'daemon', blames: 'surroundings' },
  'daemon-version': { group: 'daemon', blames: 'surroundings' },
  'daemon-config': { group: 'daemon', blames: 'configuration' },
  'daemon-alert': { group: 'daemon', blames: 'surroundings' },
  'service-user': { group: 'permissions', blames: 'configuration' },
  'state-dir': { group: 'permissions', blames: 'configuration' },
  'state-files': { group: 'permissions', blames: 'configuration' },
  'path-access': { group: 'permissions', blames: 'configuration' },
  'file-group': { group: 'permissions', blames: 'configuration' },
  'socket-access': { group: 'sockets', blames: 'configuration' },
  'secret-store': { group: 'secrets', blames: 'surroundings' },
  'server-name': { group: 'servers', blames: 'surroundings' },
  'server-connection': { group: 'servers', blames: 'surroundings' },
  'server-tls': { group: 'servers', blames: 'surroundings' },
  'server-certificate': { group: 'servers', blames: 'surroundings' },
  'server-clock': { group: 'servers', blames: 'surroundings' },
  'local-certificate': { group: 'servers', blames: 'configuration' },
  'disk-space': { group: 'disk', blames: 'configuration' },
  'disk-files': { group: 'disk', blames: 'configuration' },
  'disk-sync': { group: 'disk', blames: 'configuration' },
  'host-runtime': { group: 'host', blames: 'configuration' },
  'host-native': { group: 'host', blames: 'configuration' },
  'unit-core-dumps': { group: 'host', blames: 'configuration' },
  'unit-open-files': { group: 'host', blames: 'configuration' },
  'unit-stop-timeout': { group: 'host', blames: 'configuration' },
  'pod-user': { group: 'host', blames: 'configuration' },
  'pod-service-account': { group: 'host', blames: 'configuration' },
  'pod-root-folder': { group: 'host', blames: 'configuration' },
} as const satisfies Record<string, LineKind>;

export type LineId = keyof typeof lineKinds;

export interface Line {
  readonly id: LineId;
  readonly status: Status;
  /** What was looked at: a path, a server, a user. */
  readonly what: string;
  /** What was found. */
  readonly detail: string;
  /** The command or the step that mends it; null where nothing is to be done. */
  readonly mend: string | null;
  /** The code under which `docs/errors.md` says more. */
  readonly code: ErrorCode | null;
  /** The agents that it is about; none where it is about all of them or the host. */
  readonly agents: readonly string[];
}

interface Told {
  readonly what: string;
  readonly detail: string;
  readonly agents?: readonly string[];
}

interface Trouble extends Told {
  readonly mend: string;
  readonly code?: ErrorCode;
}

export function ok(id: LineId, { what, detail, agents = [] }: Told): Line {
  return { id, status: 'ok', what, detail, mend: null, code: null, agents };
}

export function warning(id: LineId, trouble: Trouble): Line {
  return troubleLine(id, 'warning', trouble);
}

export function failing(id: LineId, trouble: Trouble): Line {
  return troubleLine(id, 'failing', trouble);
}

function troubleLine(id: LineId, status: Status, { what, detail, mend, code, agents = [] }: Trouble): Line {
  return { id, status, what, detail, mend, code: code ?? null, agents };
}

export type Summary = Readonly<Record<Status, number>>;

export function summaryOf(lines: readonly Line[]): Summary {
  const count = (wanted: Status) => lines.filter(({ status }) => status === wanted).length;
  return { ok: count('ok'), warning: count('warning'), failing: count('failing') };
}

/** What the failing lines ask for, the configuration first; null where none is failing. */
export function blameOf(lines: readonly Line[]): LineKind['blames'] | null {
  const troubles = lines.filter(({ status }) => status === 'failing');
  if (troubles.length === 0) return null;
  const isConfiguration = ({ id, code }: Line) =>
    lineKinds[id].blames === 'configuration' || (code !== null && errorClasses[code] === 'configuration');
  return troubles.some(isConfiguration) ? 'configuration' : 'surroundings';
}

/**
 * Where the daemon can be made to kill itself: before and after every step of every sealed file, and at the two moments of an
 * exchange that no file shows. The driver draws one of them for a life, and `fixtures/kill-points.ts` strikes there.
 */

/** The sealed files of an agent, by what they are. */
const sealedFiles: Readonly<Record<string, SealedKind>> = {
  'journal.sealed': 'journal',
  'session.sealed': 'session',
  'secret.sealed': 'secret',
  'candidate.sealed': 'candidate',
  'probe.sealed': 'probe',
  'journal-probe.sealed': 'probe',
};

export type SealedKind = 'journal' | 'raw' | 'session' | 'secret' | 'candidate' | 'probe';
export type Step = 'create' | 'write' | 'sync' | 'rename' | 'sync-folder' | 'remove';

const writing: readonly Step[] = ['create', 'write', 'sync', 'rename', 'sync-folder'];

/** In groups, so that each is drawn as often as the others, however many points it has. */
export const killPoints: readonly (readonly string[])[] = [
  ['request:written'],
  ['answer:arrived'],
  around('raw', [...writing, 'remove']),
  around('raw', ['sync', 'rename']),
  around('journal', writing),
  around('secret', writing),
  around('session', writing),
  around('probe', [...writing, 'remove']),
];

/** Passed only while an agent is given a secret. */
export const enrolmentPoints: readonly string[] = around('candidate', [...writing, 'remove']);

function around(kind: SealedKind, steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [`${kind}:${step}:before`, `${kind}:${step}:after`]);
}

export interface SealedFile {
  /** Its name in the end. */
  readonly name: string;
  readonly kind: SealedKind;
  /** Whether it still has a temporary name. */
  readonly unnamed: boolean;
}

/** What a file in an agent's folder is; null for one of another kind. */
export function sealedFile(fileName: string): SealedFile | null {
  const named = /^\.(.+)\.[0-9a-f]{16}\.tmp$/.exec(fileName)?.[1];
  const name = named ?? fileName;
  const kind = name.startsWith('raw-') ? 'raw' : sealedFiles[name];
  return kind === undefined ? null : { name, kind, unnamed: named !== undefined };
}

/** The clock of both processes: milliseconds of CLOCK_MONOTONIC, which is one for the whole host. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** How the driver tells `fixtures/kill-points.ts` what to do. */
export const environment = {
  /** File that takes a line for each step of a file and of an exchange; it outlives the kill. */
  sideLog: 'TORTURE_SIDE_LOG',
  /** `POINT#N`: strike when the point is passed for the Nth time. Absent: never. */
  killAt: 'TORTURE_KILL_AT',
} as const;

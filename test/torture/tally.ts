/** How far the answer of a lock-out had come when the process was killed. */
export const stages = ['on its way', 'read', 'being written'] as const;

export type Stage = (typeof stages)[number];

/** What a campaign counts. */
export interface Tally {
  /** Generations gained, as the disk says. */
  rotations: number;
  kills: number;
  /** Attempts that were open at a kill. */
  inFlight: number;
  /** Those of them whose answer was on the disk: finished without asking the server again. */
  fromDisk: number;
  /** Those that were granted when the same secret was sent again. */
  replayed: number;
  /** Those that ended in a lock-out; several of them can end in the same one. */
  lost: number;
  /** Agents that had to be enrolled again. */
  lockOuts: number;
  /** Lock-outs that came about between the server's commit and the answer's fsync, as server, disk and side log say together. */
  proven: number;
  /** Lock-outs without a kill: the server was too slow for the deadline. */
  withoutKill: number;
  /** How often a status or the log said `SECRET_REVOKED`. */
  revokedSeen: number;
  readonly stages: Record<Stage, number>;
}

export function emptyTally(): Tally {
  return {
    rotations: 0,
    kills: 0,
    inFlight: 0,
    fromDisk: 0,
    replayed: 0,
    lost: 0,
    lockOuts: 0,
    proven: 0,
    withoutKill: 0,
    revokedSeen: 0,
    stages: { 'on its way': 0, read: 0, 'being written': 0 },
  };
}

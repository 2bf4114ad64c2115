/** Locks between processes, released by the kernel when their holder ends, however it ends. */
export interface Locks {
  /**
   * Takes the lock at `path` without waiting; the file and nothing else is created where missing. Resolves to the lock, or
   * to a {@link HeldElsewhere} where another process has it. Rejects `STATE_DIR_UNUSABLE` where something else has the name,
   * and with Node's errors where the file cannot be opened.
   */
  tryAcquire(path: string): Promise<Lock | HeldElsewhere>;
}

export interface Lock {
  readonly held: true;
  /** Whether the locked file is still the one at the path: someone may have removed or replaced it, and then another process could hold the new one. */
  stillInPlace(): Promise<boolean>;
  release(): Promise<void>;
}

export interface HeldElsewhere {
  readonly held: false;
  /** Process id of the holder as it wrote it into the file; null where the file does not say. Information only. */
  readonly holderPid: number | null;
  /** Its name where the lock knows one, such as a pod's. Information only. */
  readonly holder?: string;
}

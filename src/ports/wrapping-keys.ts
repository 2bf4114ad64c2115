/** Replaces wrapping keys while the agents run. An agent's key may be that of other agents too: theirs is replaced with it. */
export interface WrappingKeyKeeper {
  /**
   * Resolves to what was sealed anew, by agent. Rejects before anything is changed with `SECRET_ABSENT` (no key yet), `USAGE`
   * (the store seals nothing), `STATE_UNREADABLE`, `STORE_MISMATCH`, `AGENT_HELD`, `SECRET_NOT_PERSISTED`, and with
   * `KEY_FILE_UNUSABLE`, `STORE_*` and `STATE_DIR_UNUSABLE` where something cannot be written; then everything still opens.
   */
  replace(agent: string): Promise<readonly AgentRecords[]>;
  /** What {@link WrappingKeyKeeper.replace} would seal anew; rejects with what would keep it from doing so. */
  preview(agent: string): Promise<readonly AgentRecords[]>;
}

/** An agent with the names of its sealed records: `secret`, `candidate`, `journal`, `session`, `raw-…`. */
export interface AgentRecords {
  readonly agent: string;
  readonly records: readonly string[];
}

/**
 * What a replacement of the wrapping key (`tokenward rekey`) needs of each place with sealed records. While both keys exist,
 * everything can be read with either; only {@link SealedRecords.sealAnew} writes with the next one, everybody else with the
 * current one, which is known to be durable.
 */
export interface SealedRecords {
  /** Every record that is there, and the key it opens with. Nothing is decoded or changed. */
  records(signal: AbortSignal): Promise<readonly SealedRecord[]>;

  /**
   * Seals with the next key what is not sealed with it yet, one record after another, each as a whole and durably, and removes
   * what interrupted writes left behind. May be repeated. Rejects `STATE_UNREADABLE` at a record that no key opens.
   */
  sealAnew(signal: AbortSignal): Promise<void>;
}

export interface SealedRecord {
  /** For people: `secret`, `candidate`, `journal`, `session`, `raw-…`. */
  readonly name: string;
  readonly opensWith: 'current-key' | 'next-key' | 'no-key';
}

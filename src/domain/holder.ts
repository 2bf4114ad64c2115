/** Who has an agent instead of this process. */
export interface Holder {
  /** null where nobody knows, or where it is on another host. */
  readonly holderPid: number | null;
  /** Its name where the lock knows one, such as a pod's. */
  readonly holder?: string;
}

/** A request to the local API with what came back. */
export interface Exchange {
  readonly method: string;
  /** As it was sent, with its query; null where no request could be told. */
  readonly target: string | null;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** False where the body may go on. */
  readonly whole: boolean;
}

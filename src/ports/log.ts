/** Fields of a log line. Values are plain data; credentials travel as `Secret`, which prints as `[secret]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The daemon's log. `event` is a stable name such as `exchange-granted`; data goes into the fields, never into the name. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log whose every line carries `fields` too. */
  child(fields: LogFields): Log;
}

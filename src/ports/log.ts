import type { EventAt, FieldsOf } from '../domain/log-events.ts';

/** Fields of a log line. Values are plain data; credentials travel as `Secret`, which prints as `[secret]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The daemon's log. `event` is a stable name such as `exchange-granted`, from the table in `domain/log-events.ts`; data goes into
 * the fields, never into the name.
 */
export interface Log {
  debug<Event extends EventAt<'debug'>>(event: Event, fields?: FieldsOf<Event>): void;
  info<Event extends EventAt<'info'>>(event: Event, fields?: FieldsOf<Event>): void;
  warn<Event extends EventAt<'warn'>>(event: Event, fields?: FieldsOf<Event>): void;
  error<Event extends EventAt<'error'>>(event: Event, fields?: FieldsOf<Event>): void;
  /** A log whose every line carries `fields` too. */
  child(fields: LogFields): Log;
}

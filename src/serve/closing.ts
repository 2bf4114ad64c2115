/** Something that serves until it is closed. */
export interface Closable extends AsyncDisposable {
  /** Stops accepting, lets running requests end, and cuts off what is left after `deadlineMs` milliseconds. */
  close(deadlineMs: number): Promise<void>;
}

/** What leaving a scope grants to running requests. */
const disposeDeadlineMs = 1000;

/** Once, however often it is asked for. */
export function closing(end: (deadlineMs: number) => Promise<void>): Closable {
  let ended: Promise<void> | undefined;
  const close = (deadlineMs: number) => (ended ??= end(deadlineMs));
  return { close, [Symbol.asyncDispose]: () => close(disposeDeadlineMs) };
}

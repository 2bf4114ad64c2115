/** Counts the log events that shippers deliver, so that a test can say "all arrived, none twice, none was refused". */
import { createHash } from 'node:crypto';

/** The distinct count stops here, so that an emulator left running for weeks keeps its memory. */
const maxDistinct = 1_000_000;

export interface EventReport {
  /** Events in requests whose token was accepted. */
  readonly accepted: number;
  /** Events in requests without one, or whose token was refused all the same. */
  readonly rejected: number;
  /** Different events among the accepted ones, by their exact content; counted up to 1,000,000. */
  readonly distinct: number;
  /** Requests refused for their token. */
  readonly rejectedRequests: number;
}

export class EventLedger {
  readonly #seen = new Set<string>();
  #accepted = 0;
  #rejected = 0;
  #rejectedRequests = 0;

  /** Tells how many of them nobody had delivered before. */
  accept(events: readonly string[]): number {
    const before = this.#seen.size;
    this.#accepted += events.length;
    for (const event of events) {
      if (this.#seen.size < maxDistinct) this.#seen.add(createHash('sha256').update(event).digest('base64'));
    }
    return this.#seen.size - before;
  }

  reject(events: readonly string[]): void {
    this.#rejected += events.length;
    this.#rejectedRequests += 1;
  }

  report(): EventReport {
    return {
      accepted: this.#accepted,
      rejected: this.#rejected,
      distinct: this.#seen.size,
      rejectedRequests: this.#rejectedRequests,
    };
  }
}

/**
 * The events of a body in the forms that shippers send: `{"events":[…]}` (the API's own), a JSON array, one JSON value,
 * else one event a line (plain text or one JSON object a line). Empty lines are no events.
 */
export function parseEvents(body: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''); // not one JSON text: lines
  }
  const events = Array.isArray(value) ? value : ((value as { events?: unknown } | null)?.events ?? [value]);
  return (Array.isArray(events) ? events : [value]).map((event) => JSON.stringify(event));
}

import { createHash, type Hash } from 'node:crypto';
import type { Fingerprint } from '../../src/domain/secret.ts';

/** What happened in one story, line by line: for a person to read, and to show that the same seed tells the same story. */
export class Trace {
  readonly lines: string[] = [];
  readonly #hash: Hash = createHash('sha256');
  readonly #keep: boolean;
  readonly #nowMs: () => number;

  /** `nowMs`: milliseconds since the story began. `keep` false: nothing is written down, which is much faster. */
  constructor(keep: boolean, nowMs: () => number) {
    this.#keep = keep;
    this.#nowMs = nowMs;
  }

  /** `who` is a host, a process or `server`; fields are plain data, and credentials only by their fingerprints. */
  add(who: string, what: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.#keep) return;
    const details = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${worded(value)}`],
    );
    const line = [clockTime(this.#nowMs()), who.padEnd(14), what, ...details].join(' ');
    this.#hash.update(line).update('\n');
    this.lines.push(line);
  }

  /** The same for the same lines. */
  hash(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** A fingerprint that can be told from others at a glance. */
export function short(fingerprint: Fingerprint | null | undefined): string {
  return fingerprint == null ? 'none' : fingerprint.slice(7, 15);
}

function worded(value: unknown): string {
  if (typeof value === 'string') return value.includes(' ') ? JSON.stringify(value) : value;
  return JSON.stringify(value) ?? 'undefined';
}

/** Days, hours, minutes, seconds and milliseconds since the story began. */
function clockTime(ms: number): string {
  const [minutes, seconds] = [(ms / 60_000) % 60, (ms / 1000) % 60];
  return `${digits(ms / 86_400_000, 2)}d ${digits((ms / 3_600_000) % 24, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(ms % 1000, 3)}`;
}

function digits(value: number, length: number): string {
  return String(Math.floor(value)).padStart(length, '0');
}

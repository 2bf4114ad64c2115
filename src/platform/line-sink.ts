import { writeSync } from 'node:fs';
import { errorCode } from './system-error.ts';

/** Bytes kept for a reader that has stopped reading; what comes on top is dropped. */
const mostWaitingBytes = 1024 * 1024;
/** Milliseconds until it is tried again whether the reader reads. */
const retryMs = 100;

export interface SinkOptions {
  readonly fd: number;
  /** Told when lines can be written again after `count` of them could not. */
  readonly onRecovered: (count: number) => void;
}

/**
 * Where the lines of the log go. The daemon may hold the only copy of a secret: it must outlive its log and never wait for it.
 * A line is written before the call returns where the descriptor takes it; where its reader has stopped, it is kept for a
 * while; where the disk is full or nobody is there, it is dropped and counted. Pipes and sockets must be non-blocking.
 */
export class LineSink {
  readonly #options: SinkOptions;
  /** Begun lines first. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** Whether the last line was cut off by an error; what follows begins a new one. */
  #torn = false;
  /** Whether the last line was lost. */
  #failing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  write(line: string): void {
    this.#drain();
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    if (this.#waiting.length > 0) this.#keep(bytes);
    else this.#put(bytes);
    this.#tellDropped();
  }

  /** Writes what waits, as far as it can be. */
  #drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const bytes of waiting) {
      if (this.#waiting.length > 0) this.#keep(bytes);
      else this.#put(bytes);
    }
  }

  #put(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#options.fd, bytes, written);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') {
        // the log's disk is full or its reader gone
        this.#torn ||= written > 0;
        this.#failing = true;
        this.#dropped += 1;
        return;
      }
      this.#keep(bytes.subarray(written));
    }
    this.#torn = false;
    this.#failing = false;
  }

  #keep(bytes: Buffer): void {
    if (this.#waiting.length > 0 && this.#waitingBytes + bytes.length > mostWaitingBytes) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#drain();
      this.#tellDropped();
    }, retryMs).unref();
  }

  #tellDropped(): void {
    if (this.#dropped === 0 || this.#waiting.length > 0 || this.#failing) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#options.onRecovered(count);
  }
}

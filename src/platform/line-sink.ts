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
  /** Only the first may have been written in part. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** Whether the last line was lost. */
  #failing = false;
  /** Whether a line was cut off; what follows begins a new one. */
  #torn = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  write(line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    if (this.#waiting.length > 0 && this.#waitingBytes + bytes.length > mostWaitingBytes) {
      this.#dropped += 1;
    } else {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    // A reader that has stopped is asked by the timer, not by every line.
    if (this.#retry === undefined) this.#drain();
  }

  /** Writes what waits, as far as it can be. */
  #drain(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const left = this.#put(next);
      this.#waitingBytes -= next.length - left.length;
      if (left.length > 0) {
        this.#waiting[0] = left;
        this.#retryLater();
        return;
      }
      this.#waiting.shift();
    }
    this.#tellDropped();
  }

  /** Gives what the reader has no place for; a line that fails is given up. */
  #put(bytes: Buffer): Buffer {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#options.fd, bytes, written);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') {
        // the log's disk is full or its reader gone
        this.#torn ||= written > 0;
        this.#failing = true;
        this.#dropped += 1;
        return nothing;
      }
    }
    this.#torn = false;
    this.#failing = false;
    return bytes.subarray(written);
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#drain();
    }, retryMs).unref();
  }

  #tellDropped(): void {
    if (this.#dropped === 0 || this.#failing) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#options.onRecovered(count);
  }
}

const nothing = Buffer.alloc(0);

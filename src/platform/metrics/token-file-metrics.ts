import { Counter } from './counter.ts';
import type { MetricData, MetricFamily } from './metric-data.ts';

/** Counts for one token file. */
export interface TokenFileMeter {
  /** A token was written. */
  written(): void;
  /** A try to bring the file to the token failed. */
  failed(): void;
  /** The file was found changed by others, and is about to be restored. */
  tampered(): void;
}

/** What is written for shippers that read files. */
export class TokenFileMetrics implements MetricFamily {
  readonly #writes = new Counter(
    'tokenward_token_file_writes_total',
    'Times a token file was written, with a new token or to restore it.',
  );
  readonly #failures = new Counter(
    'tokenward_token_file_failures_total',
    'Times a token file could not be written. It is tried again until it can.',
  );
  readonly #tampered = new Counter(
    'tokenward_token_file_tampered_total',
    'Times a token file was found changed or removed by another process.',
  );

  /** By agent and path. */
  readonly #meters = new Map<string, Map<string, TokenFileMeter>>();

  meter(agent: string, path: string): TokenFileMeter {
    const ofAgent = this.#meters.get(agent) ?? new Map<string, TokenFileMeter>();
    this.#meters.set(agent, ofAgent);
    const meter = ofAgent.get(path) ?? this.#newMeter(agent, path);
    ofAgent.set(path, meter);
    return meter;
  }

  /** The file is not kept any more. */
  forgetFile(agent: string, path: string): void {
    this.#meters.get(agent)?.delete(path);
    for (const metric of [this.#writes, this.#failures, this.#tampered]) metric.forget(agent, path);
  }

  forget(agent: string): void {
    this.#meters.delete(agent);
    for (const metric of [this.#writes, this.#failures, this.#tampered]) metric.forget(agent);
  }

  read(): readonly MetricData[] {
    return [this.#writes.read(), this.#failures.read(), this.#tampered.read()];
  }

  #newMeter(agent: string, path: string): TokenFileMeter {
    const labels = { agent, path };
    const writes = this.#writes.series(labels);
    const failures = this.#failures.series(labels);
    const tampered = this.#tampered.series(labels);
    return {
      written: () => void (writes.value += 1),
      failed: () => void (failures.value += 1),
      tampered: () => void (tampered.value += 1),
    };
  }
}

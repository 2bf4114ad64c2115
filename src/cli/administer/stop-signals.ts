import { remark } from '../output.ts';

/**
 * Ctrl-C and SIGTERM for work of many requests: the first lets the one under way end and no other begin, the second breaks it
 * off. Until it is disposed of, neither ends the process.
 */
export class StopSignals implements Disposable {
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly stop = this.#stop.signal;
  readonly abandon = this.#abandon.signal;

  constructor() {
    process.on('SIGINT', this.#onSignal).on('SIGTERM', this.#onSignal);
  }

  readonly #onSignal = (): void => {
    if (this.stop.aborted) return this.#abandon.abort();
    remark('stopping after the request under way; once more breaks it off');
    this.#stop.abort();
  };

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal);
  }
}

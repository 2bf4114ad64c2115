import { TokenwardError } from '../../domain/errors.ts';
import { doneWords, failedWord, notSentWord } from '../../domain/name-list.ts';
import { countEnds, type EndCounts, type NameEnd } from '../../domain/revocation.ts';
import type { Pause } from '../../operator/repeat.ts';
import type { RevocationRun } from '../../operator/revoke-many.ts';
import { print, printJson, remark } from '../output.ts';
import { printable } from '../wrap-words.ts';
import { remarkPause } from './administrator.ts';
import { ProgressLine, progressText } from './progress.ts';

/**
 * What is seen of a revocation of many: a line for each name, `NAME<tab>what became of it`, which the next run takes with
 * `--from-file`. At a terminal there is a bar meanwhile, and at the end only the lines that need somebody, unless they are few.
 */

export interface OutputOptions {
  readonly kind: keyof typeof doneWords;
  /** null where the server chooses the names. */
  readonly total: number | null;
  readonly json: boolean;
  /** What the JSON begins with. */
  readonly about: Readonly<Record<string, unknown>>;
  /** The command that goes on from what is printed here. */
  readonly again: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Lines that a terminal shows at the end, done or not. */
const fewLines = 20;

export class RevocationOutput {
  readonly #options: OutputOptions;
  readonly #bar: ProgressLine;
  readonly #known: NameEnd[] = [];
  readonly #atOnce: boolean;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#bar = new ProgressLine(options.env);
    this.#atOnce = !options.json && !(this.#bar.isShown && process.stdout.isTTY);
  }

  readonly told = (ends: readonly NameEnd[]): void => {
    const { total, kind } = this.#options;
    this.#known.push(...ends);
    if (this.#atOnce) print(...ends.map((end) => endLine(end, kind)));
    if (total !== null) this.#bar.show(progressText(countEnds(this.#known), total));
  };

  readonly pausing = (pause: Pause): void => {
    this.#bar.clear();
    remarkPause(pause);
  };

  /** Prints what is left to print. Throws where not everything is done. */
  end(run: RevocationRun): void {
    const { kind, json, about } = this.#options;
    const counts = countEnds(run.ends);
    this.#bar.clear();
    if (json) printJson({ ...about, ...jsonOf(run, counts, kind) });
    else print(...this.#unprinted(run.ends).map((end) => endLine(end, kind)));
    const error = endError(run, counts, this.#options);
    if (error !== null) throw error;
    if (!json && run.ends.length !== 1) remark(countText(counts, kind));
  }

  #unprinted(ends: readonly NameEnd[]): readonly NameEnd[] {
    if (this.#atOnce) return ends.slice(this.#known.length);
    return ends.length <= fewLines ? ends : ends.filter(({ end }) => end !== 'done');
  }
}

function endLine({ name, end, why }: NameEnd, kind: keyof typeof doneWords): string {
  const result = { done: doneWords[kind], failed: `${failedWord}${why}`, 'not-sent': notSentWord }[end];
  return `${printable(name)}\t${printable(result)}`;
}

function countText({ done, failed, notSent }: EndCounts, kind: keyof typeof doneWords): string {
  const total = done + failed + notSent;
  return `${done} of ${total} ${doneWords[kind]}, ${failed} failed, ${notSent} not sent`;
}

/** null where everything is done. What nothing came of is what its failure is; else it is a part that failed. */
function endError(
  { error, interrupted }: RevocationRun,
  counts: EndCounts,
  { kind, again }: OutputOptions,
): TokenwardError | null {
  if (counts.failed + counts.notSent === 0) return null;
  const advice = `to go on, save what was printed and run \`tokenward ${again} --from-file FILE\``;
  const told = `${countText(counts, kind)}; ${advice}`;
  if (interrupted) return new TokenwardError('INTERRUPTED', `interrupted: ${told}`);
  if (counts.done > 0 || error === null) {
    const why = counts.notSent > 0 && error !== null ? `stopped, because ${error.message}\n` : '';
    return new TokenwardError('PARTLY_FAILED', `${why}${told}`);
  }
  return new TokenwardError(error.code, error.message, {
    cause: error,
    ...(error.retryAfterMs !== null && { retryAfterMs: error.retryAfterMs }),
  });
}

function jsonOf({ ends, interrupted }: RevocationRun, counts: EndCounts, kind: keyof typeof doneWords) {
  const results = { done: doneWords[kind], failed: 'failed', 'not-sent': notSentWord } as const;
  return {
    done: counts.done,
    failed: counts.failed,
    not_sent: counts.notSent,
    interrupted,
    results: ends.map(({ name, end, why }) => ({
      name,
      result: results[end].replaceAll(' ', '_'),
      reason: why,
    })),
  };
}

import { print } from '../output.ts';
import { wrapWords } from '../wrap-words.ts';
import { pageOf } from './answer-page.ts';
import type { StatusAnswer, StatusQuestion } from './ask.ts';
import { listenToKeys } from './keys.ts';
import { allLines, linesWithin, type Page } from './page.ts';
import { Screen } from './screen.ts';
import type { Watcher } from './watcher.ts';
import { viewOfOutput, type View } from './words.ts';

/** Milliseconds between two looks at the clock: times count down also while the daemon takes its time. */
const tickMs = 1_000;
/** A terminal that does not tell its height. */
const usualRows = 24;

/** A watch on a terminal. The last frame stays there, below what was there before. */
export class ScreenWatch implements Watcher {
  readonly #question: StatusQuestion;
  readonly #quit: () => void;
  readonly #screen = new Screen({
    write: (text) => void process.stdout.write(text),
    size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows || usualRows }),
  });
  readonly #ticks: NodeJS.Timeout;
  #releaseKeys: () => void;
  #answer: StatusAnswer | null = null;
  /** Since when no daemon answers. */
  #silentSince: Date | null = null;
  #postponed: string | null = null;

  constructor(question: StatusQuestion, quit: () => void) {
    this.#question = question;
    this.#quit = quit;
    this.#releaseKeys = this.#listen();
    this.#screen.open();
    this.#ticks = setInterval(() => this.#draw(), tickMs);
    process.stdout.on('resize', this.#redraw);
    process.on('SIGCONT', this.#resume);
    process.on('exit', this.#restore);
  }

  answered(answer: StatusAnswer): void {
    this.#answer = answer;
    this.#postponed = null;
    this.#silentSince = answer.kind === 'statuses' ? null : (this.#silentSince ?? new Date());
    this.#draw();
  }

  postponed(reason: string): void {
    this.#postponed = reason;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#ticks);
    process.stdout.off('resize', this.#redraw);
    process.off('SIGCONT', this.#resume);
    process.off('exit', this.#restore);
    this.#restore();
    if (this.#answer !== null) print(...allLines(this.#page(viewOfOutput(this.#question.env))));
  }

  #draw(): void {
    const view = this.#view();
    this.#screen.draw(linesWithin(this.#page(view), process.stdout.rows || usualRows, view.style));
  }

  #view(): View {
    const view = viewOfOutput(this.#question.env);
    return { ...view, style: { ...view.style, breaksWords: true } };
  }

  #page(view: View): Page {
    const lines = (text: string) => wrapWords(text, view.style);
    if (this.#answer === null) {
      const asking = `asking the daemon at ${this.#question.daemon.socketPath}`;
      return { head: lines(this.#postponed ?? asking), agents: [], foot: [] };
    }
    const page = pageOf(this.#answer, this.#question, { ...view, since: this.#silentSince });
    return this.#postponed === null ? page : { ...page, head: [...lines(this.#postponed), '', ...page.head] };
  }

  #listen(): () => void {
    return listenToKeys({ quit: this.#quit, suspend: () => this.#suspend() });
  }

  /** The keys are ours, so the terminal sends no signal for Ctrl-Z. */
  #suspend(): void {
    this.#restore();
    process.kill(process.pid, 'SIGTSTP');
  }

  readonly #resume = (): void => {
    this.#restore();
    this.#releaseKeys = this.#listen();
    this.#screen.open();
    this.#draw();
  };

  readonly #redraw = (): void => {
    this.#screen.forget();
    this.#draw();
  };

  /** Also at an end that nobody planned. */
  readonly #restore = (): void => {
    this.#screen.close();
    this.#releaseKeys();
    this.#releaseKeys = () => {};
  };
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sealedFile, type Step } from './points.ts';

/** A step of a raw answer's file, as the daemon noted it. */
export interface RawStep {
  /** Of the clock in `points.ts`; taken right after the step. */
  readonly atMs: number;
  readonly step: Step;
  readonly file: string;
}

/** What the daemon noted of itself, over all its lives: what was noted before a kill is there after it. */
export class SideLog {
  readonly path: string;
  readonly #onStep: (agent: string, file: string, step: Step) => void;
  readonly #rawSteps = new Map<string, RawStep[]>();
  readonly #asked = new Set<string>();
  readonly #answered = new Map<string, number[]>();
  #bytesRead = 0;

  /** `onStep` hears of every step of every file, in the order in which they were done. */
  constructor(path: string, onStep: (agent: string, file: string, step: Step) => void) {
    this.path = path;
    this.#onStep = onStep;
  }

  /** Takes over what is new. */
  read(): void {
    const fd = openSync(this.path, 'a+');
    const buffer = Buffer.alloc(fstatSync(fd).size - this.#bytesRead);
    readSync(fd, buffer, 0, buffer.length, this.#bytesRead);
    closeSync(fd);
    // the last line may still be on its way
    const end = buffer.lastIndexOf('\n') + 1;
    this.#bytesRead += end;
    for (const line of buffer.toString('utf8', 0, end).split('\n').slice(0, -1)) this.#take(line.split(' '));
  }

  /** What was done with the raw answers of an agent, oldest first. */
  rawSteps(agent: string): readonly RawStep[] {
    return this.#rawSteps.get(agent) ?? [];
  }

  /** Whether a request with the secret of this fingerprint was ever written. */
  wasAsked(fingerprint: string): boolean {
    return this.#asked.has(fingerprint);
  }

  /** When the first bytes of answers to it were read, oldest first. */
  answersTo(fingerprint: string): readonly number[] {
    return this.#answered.get(fingerprint) ?? [];
  }

  #take([atMs = '', event = '', ...words]: readonly string[]): void {
    const [subject = '', agent = '', file = ''] = words;
    if (event === 'request') this.#asked.add(subject);
    if (event === 'answer') append(this.#answered, subject, Number(atMs));
    if (event !== 'file') return;
    const step = subject as Step;
    this.#onStep(agent, file, step);
    if (sealedFile(file)?.kind === 'raw') append(this.#rawSteps, agent, { atMs: Number(atMs), step, file });
  }
}

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

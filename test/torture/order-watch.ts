import { sealedFile, type Step } from './points.ts';

/** What must come right before a step of the same file. */
const before: Readonly<Partial<Record<Step, Step>>> = { write: 'create', sync: 'write', rename: 'sync' };

/**
 * Holds the daemon to the order of its writes, which no SIGKILL can prove, as the kernel forgets nothing: every record is synced
 * before it gets its name, its folder before another record is begun, and no session is written unless the raw
 * answer that it came from is on the disk.
 */
export class OrderWatch {
  readonly #complain: (what: string) => void;
  /** The last step of the newest write of each agent. */
  readonly #last = new Map<string, { readonly file: string; readonly step: Step }>();
  readonly #raws = new Map<string, Set<string>>();

  constructor(complain: (what: string) => void) {
    this.#complain = complain;
  }

  /** A life is over, in the middle of whatever it did; these raw answers are on the disk. */
  restart(agent: string, raws: Iterable<string>): void {
    this.#last.delete(agent);
    this.#raws.set(agent, new Set(raws));
  }

  /** A step that was done. */
  take(agent: string, file: string, step: Step): void {
    const kind = sealedFile(file)?.kind;
    // pre-flights run side by side, and nobody relies on what they write
    if (kind === 'probe') return;
    const raws = this.#raws.get(agent) ?? new Set();
    this.#raws.set(agent, raws);
    if (kind === 'session' && step === 'create' && raws.size === 0)
      this.#complain(`${agent}: a session is written, and no raw answer is on the disk`);
    if (kind === 'raw' && step === 'sync-folder' && this.#last.get(agent)?.step === 'rename') raws.add(file);
    if (kind === 'raw' && step === 'remove') raws.delete(file);
    this.#follow(agent, file, step);
  }

  #follow(agent: string, file: string, step: Step): void {
    const last = this.#last.get(agent);
    this.#last.set(agent, { file, step });
    const wanted = before[step];
    const isInOrder = wanted === undefined || (last?.file === file && last.step === wanted);
    const story = `${step} of ${file} after ${last?.step} of ${last?.file}`;
    if (!isInOrder) this.#complain(`${agent}: ${story}, and not after ${wanted}`);
    if (step === 'create' && last?.step === 'rename')
      this.#complain(`${agent}: ${story}, whose folder has not been synced`);
  }
}

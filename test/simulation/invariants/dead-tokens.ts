import { short } from '../trace.ts';
import type { Observer, RunView, SiteView, Verdicts } from '../views.ts';

/**
 * Once a token was taken back, or a process begins on a disk that says that it is dead, nobody is given it again. It is taken
 * back when the journal says so durably, or cannot be written: then the process alone remembers.
 */
export function watchDeadTokens(site: SiteView, { exercised, violated }: Verdicts): Observer {
  const dead = new Set<number>();
  const inMemory = site.settings.store === 'memory';

  /** What is on the disk is what the next process begins with. */
  function learn(): void {
    const sequence = site.media().record?.rejectedSequence ?? null;
    if (sequence !== null) dead.add(sequence);
  }

  function check(run: RunView, how: string, token = run.broker.token()): void {
    if (token === null || !dead.has(token.sequence)) return;
    violated(`a token that is known to be dead is ${how}`, {
      token: short(token.fingerprint),
      sequence: token.sequence,
    });
  }

  learn();
  return {
    withdraws(run, sequence) {
      exercised();
      const { trouble } = site.host;
      const isWritable = !inMemory && (trouble === null || trouble.kind === 'slow');
      if (isWritable && site.survivingMedia().record?.rejectedSequence !== sequence)
        violated('a token is taken back before its death is durable', { sequence });
      dead.add(sequence);
      check(run, 'served on');
    },
    publishes(run, token) {
      if (dead.size > 0) check(run, 'published', token);
    },
    stepped(run) {
      if (dead.size > 0) check(run, 'served');
    },
    died() {
      dead.clear();
      if (!inMemory) learn();
    },
    marked: (sequence) => void dead.add(sequence),
    restored() {
      dead.clear();
      learn();
    },
  };
}

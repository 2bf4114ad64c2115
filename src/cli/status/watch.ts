import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { errorClasses, TokenwardError } from '../../domain/errors.ts';
import { endSignal } from '../end-signal.ts';
import { print } from '../output.ts';
import { isDumb } from '../terminal-style.ts';
import { askStatus, type StatusQuestion } from './ask.ts';
import { ChangeLines } from './changes.ts';
import { ScreenWatch } from './screen-watch.ts';
import type { Watcher } from './watcher.ts';

/** Milliseconds between two questions: a person sees a change at once, and the daemon notices nothing of it. */
const everyMs = 1_000;

/** Resolves when the user ends it, or its reader has gone. Rejects with what the daemon answers instead, such as `PEER_DENIED`. */
export async function watchStatus(question: StatusQuestion, json: boolean): Promise<void> {
  const end = new AbortController();
  const ended = once(end.signal, 'abort');
  const quit = () => end.abort();
  void endSignal().then(quit);
  process.stdout.once('error', quit);
  const isScreen = process.stdout.isTTY && !json && !isDumb(question.env);
  const watcher = isScreen ? new ScreenWatch(question, quit) : lineWatcher(json);
  try {
    while (!end.signal.aborted) {
      // a daemon that hangs must not hold up who wants to leave
      await Promise.race([tell(watcher, question), ended]);
      await Promise.race([pause(everyMs), ended]);
    }
  } finally {
    watcher.close();
  }
}

async function tell(watcher: Watcher, question: StatusQuestion): Promise<void> {
  try {
    watcher.answered(await askStatus(question));
  } catch (error) {
    const passes = error instanceof TokenwardError && errorClasses[error.code] === 'try-again';
    if (!passes) throw error;
    watcher.postponed(error.message);
  }
}

function lineWatcher(json: boolean): Watcher {
  const changes = new ChangeLines(json);
  return {
    answered: (answer) => print(...changes.after(answer, new Date())),
    postponed: () => {},
    close: () => {},
  };
}

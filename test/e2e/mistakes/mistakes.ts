import { commandLineMistakes } from './command-line-mistakes.ts';
import { configurationMistakes } from './configuration-mistakes.ts';
import { daemonMistakes } from './daemon-mistakes.ts';
import { hostMistakes } from './host-mistakes.ts';
import type { Mistake } from './mistake.ts';
import { serverMistakes } from './server-mistakes.ts';

/** All of them, by the headings of `docs/mistakes.md`. */
export const chapters: readonly (readonly [title: string, mistakes: readonly Mistake[]])[] = [
  ['On the command line', commandLineMistakes],
  ['In the configuration', configurationMistakes],
  ['On the host', hostMistakes],
  ['With the server', serverMistakes],
  ['With the daemon', daemonMistakes],
];

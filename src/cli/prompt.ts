import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

/**
 * Asks for a line on the terminal without showing it. The terminal is raw before the question appears, so that nothing of
 * the answer is echoed; it is itself again whichever way the question ends.
 */
export async function promptHidden(question: string): Promise<string> {
  const terminal = process.stdin;
  terminal.setRawMode(true);
  process.stderr.write(question);
  let line: string | null = null;
  try {
    line = await readLine(terminal);
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
    process.stderr.write('\n');
  }
  // Raw mode took the signal from the key; whoever started this process expects to see it.
  if (line === null) process.kill(process.pid, 'SIGINT');
  return line ?? '';
}

const interrupt = '\u0003'; // Ctrl-C
const clear = '\u0015'; // Ctrl-U
const erase = ['\b', '\u007F']; // backspace, whichever the terminal sends
const end = ['\r', '\n', '\u0004']; // return, or Ctrl-D

/** In raw mode the terminal interprets no key: the few that matter are interpreted here. null = interrupted. */
function readLine(terminal: ReadStream): Promise<string | null> {
  const decoder = new StringDecoder('utf8');
  const { promise, resolve } = Promise.withResolvers<string | null>();
  let typed: string[] = [];
  const onData = (chunk: Buffer) => {
    const keys = Array.from(decoder.write(chunk));
    for (const [index, key] of keys.entries()) {
      if (key === interrupt) return resolve(null);
      if (end.includes(key)) return resolve(typed.join('') + furtherLines(keys.slice(index + 1)));
      if (key === clear) typed = [];
      else if (erase.includes(key)) typed.pop();
      else typed.push(key);
    }
  };
  terminal.on('data', onData);
  // an earlier question has paused it
  terminal.resume();
  return promise.finally(() => terminal.off('data', onData));
}

/** Several lines pasted at once stay together: the reader refuses them, and none of them ends up in the shell. */
function furtherLines(keys: readonly string[]): string {
  const text = keys.join('').trim();
  return text === '' ? '' : `\n${text}`;
}

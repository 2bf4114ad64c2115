import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { runProgram } from './run-program.ts';

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  /** Of the shell, beside the search path; the locale is a UTF-8 one unless this says otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** Commands of the shell by name: the program and its first arguments. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
}

/** Milliseconds that something may take to appear on a busy machine. */
const patienceMs = 20_000;

/** A real terminal with a shell in it, whose prompt is `$ `: a pane of a tmux server of its own. Disposing ends both. */
export class Terminal implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open({ columns, rows, env = {}, commands = {} }: TerminalOptions): Promise<Terminal> {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-terminal-'));
    const terminal = new Terminal(folder);
    for (const [name, words] of Object.entries(commands)) {
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`);
      await chmod(path, 0o755);
    }
    const variables = { LC_ALL: 'C.UTF-8', ...env, PS1: '$ ' };
    const size = ['-x', String(columns), '-y', String(rows)];
    const given = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const shell = ['bash', '--norc', '--noprofile', '-i'];
    await terminal.#tmux(['new-session', '-d', ...size, ...given, ...shell]);
    await terminal.#tmux(['set-option', '-g', 'status', 'off']);
    // the line of the status was the shell's for a moment
    await terminal.resize(columns, rows);
    await terminal.shows('$');
    return terminal;
  }

  /** Types a line and the key that ends it. */
  async enter(line: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', line]);
    await this.press('Enter');
  }

  /** Keys by tmux's names: `Enter`, `C-c`, `q`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** What is to be seen, without blanks at the ends of lines and below. */
  async text(): Promise<string> {
    return (await this.#tmux(['capture-pane', '-p'])).trimEnd();
  }

  /** The same with the sequences that colour it. */
  async styledText(): Promise<string> {
    return (await this.#tmux(['capture-pane', '-p', '-e'])).trimEnd();
  }

  /** Waits until the text fits, and resolves to it. */
  shows(expected: string | RegExp): Promise<string> {
    return eventually(
      async () => {
        const text = await this.text();
        if (typeof expected === 'string') expect(text).toContain(expected);
        else expect(text).toMatch(expected);
        return text;
      },
      { withinMs: patienceMs },
    );
  }

  /** Whether the cursor is visible, and whether a program has a screen of its own. */
  async modes(): Promise<{ readonly cursor: boolean; readonly alternate: boolean; readonly wraps: boolean }> {
    const flags = await this.#tmux(['display-message', '-p', '#{cursor_flag} #{alternate_on} #{wrap_flag}']);
    const [cursor, alternate, wraps] = flags
      .trim()
      .split(' ')
      .map((flag) => flag === '1');
    return { cursor: cursor === true, alternate: alternate === true, wraps: wraps === true };
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const socket = join(this.#folder, 'tmux');
    // the shell gets the search path of whoever asked for it
    const env = { PATH: `${this.#folder}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };
    const ran = await runProgram('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { env });
    if (ran.exitCode !== 0) throw new Error(`tmux ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux(['kill-server']);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** For a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

import { styleText } from 'node:util';

/** How text may look where it is printed: as wide as the terminal is, in colours and signs that it has. */
export interface TerminalStyle {
  /** Columns of the terminal; null where the output is no terminal. */
  readonly width: number | null;
  /** Whether a word that no line can hold is broken. Where it is not, the terminal wraps it, and it can be copied in one piece. */
  readonly breaksWords: boolean;
  readonly colours: boolean;
  readonly glyphs: Readonly<Record<Glyph, string>>;
}

/** Signs of one column; a word beside them always says the same. */
export type Glyph = 'fine' | 'watch' | 'trying' | 'stuck' | 'idle' | 'next' | 'cut';

/** What a colour stands for. */
export type Tone = 'good' | 'watch' | 'bad' | 'faint' | 'strong';

const unicodeGlyphs = { fine: '●', watch: '▲', trying: '↻', stuck: '×', idle: '○', next: '→', cut: '…' };
const asciiGlyphs = { fine: '*', watch: '!', trying: '~', stuck: 'x', idle: 'o', next: '>', cut: '~' };

const formats = {
  good: 'green',
  watch: 'yellow',
  bad: 'red',
  faint: 'gray',
  strong: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** What is known of the output. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A terminal that does not tell its width. */
const usualWidth = 80;

/** No colours outside a terminal, on one that calls itself `dumb`, and where NO_COLOR is not empty (no-color.org). */
export function terminalStyle({ isTTY = false, columns }: Output, env: Environment): TerminalStyle {
  return {
    width: isTTY ? columns || usualWidth : null,
    breaksWords: false,
    colours: isTTY && !env['NO_COLOR'] && !isDumb(env),
    glyphs: hasGlyphs(env) ? unicodeGlyphs : asciiGlyphs,
  };
}

/** Whether the terminal only takes lines, one after the other. */
export function isDumb(env: Environment): boolean {
  return env['TERM'] === 'dumb';
}

/** By the variable that counts for characters (locale(7)). The console's font has few signs, whatever the locale. */
function hasGlyphs(env: Environment): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'C';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux' && !isDumb(env);
}

export function paint({ colours }: TerminalStyle, tone: Tone | null, text: string): string {
  // who asks has looked at the output already
  return colours && tone !== null ? styleText(formats[tone], text, { validateStream: false }) : text;
}

import { type Line, type Status, type Summary } from '../doctor/line.ts';
import { type Glyph, paint, type TerminalStyle, type Tone } from './terminal-style.ts';
import { hangingLines, printable } from './wrap-words.ts';

/** What the doctor says, for people. */

const looks = {
  ok: { glyph: 'fine', tone: 'good' },
  warning: { glyph: 'watch', tone: 'watch' },
  failing: { glyph: 'stuck', tone: 'bad' },
} as const satisfies Record<Status, { readonly glyph: Glyph; readonly tone: Tone }>;

const statusWidth = 'failing'.length;

/** One line, and a second one with what mends it. */
export function lineText({ status, what, detail, mend }: Line, style: TerminalStyle): readonly string[] {
  const { glyph, tone } = looks[status];
  const mark = `${style.glyphs[glyph]} ${status.padEnd(statusWidth)}`;
  const lead = `  ${mark} `;
  const [first = '', ...others] = hangingLines(lead, printable(`${what}: ${detail}`), style);
  const told = [first.replace(mark, paint(style, tone, mark)), ...others];
  if (mend === null) return told;
  const next = `${' '.repeat(lead.length)}${style.glyphs.next} `;
  return [...told, ...hangingLines(next, printable(mend), style)];
}

/** `24 ok, 1 warning, 1 failing`. */
export function summaryText({ ok, warning, failing }: Summary): string {
  return `${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failing} failing`;
}

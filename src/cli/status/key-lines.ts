import { paint, type TerminalStyle, type Tone } from '../terminal-style.ts';
import { hangingLines } from '../wrap-words.ts';

/** What is known of one thing, a line for each, with the keys aligned at their ends as `systemctl status` has them. */
export interface KeyedText {
  readonly key: string;
  readonly text: string;
  readonly tone?: Tone;
}

export function keyLines(entries: readonly KeyedText[], style: TerminalStyle): readonly string[] {
  const keyWidth = 2 + Math.max(...entries.map(({ key }) => key.length));
  return entries.flatMap(({ key, text, tone = null }) => {
    const lines = hangingLines(`${key.padStart(keyWidth)}: `, text, style);
    const lead = keyWidth + 2;
    return lines.map((line) => `${line.slice(0, lead)}${paint(style, tone, line.slice(lead))}`);
  });
}

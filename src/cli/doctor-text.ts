import { type Line, type Status, type Summary } from '../doctor/line.ts';
import { styled } from './style.ts';

/** What the doctor says, for people. */

const looks = {
  ok: { symbol: '✓', style: 'green' },
  warning: { symbol: '!', style: 'yellow' },
  failing: { symbol: '✗', style: 'red' },
} as const satisfies Record<Status, object>;

const statusWidth = 'failing'.length;
const indent = ' '.repeat(2 + 2 + statusWidth + 1);

/** One line, and a second one with what mends it. */
export function lineText({ status, what, detail, mend }: Line): readonly string[] {
  const { symbol, style } = looks[status];
  const mark = styled(style, `${symbol} ${status.padEnd(statusWidth)}`);
  const told = `  ${mark} ${styled('bold', what)}: ${detail}`;
  return mend === null ? [told] : [told, `${indent}→ ${mend}`];
}

/** `24 ok, 1 warning, 1 failing`. */
export function summaryText({ ok, warning, failing }: Summary): string {
  return `${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failing} failing`;
}

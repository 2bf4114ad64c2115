import type { AgentStatus } from '../../domain/status.ts';
import { formatClock, formatRoughSpan, secondsUntil } from '../format.ts';
import type { Cell } from '../table.ts';
import { terminalStyle, type TerminalStyle } from '../terminal-style.ts';

/** The words that all views of a status have in common. */

export interface View {
  readonly style: TerminalStyle;
  /** Remaining times count from here. */
  readonly now: Date;
}

/** Standard output as it is now. */
export function viewOfOutput(env: NodeJS.ProcessEnv): View {
  return { style: terminalStyle(process.stdout, env), now: new Date() };
}

export function plain(text: string): Cell {
  return { text, tone: null };
}

/** A moment for the reader: on their clock at a terminal; elsewhere as the API has it, in UTC. */
export function momentText(moment: string, { style, now }: View): string {
  return style.width === null ? moment : formatClock(moment, now);
}

export function agoText(moment: string, now: Date): string {
  return `${formatRoughSpan(-secondsUntil(moment, now))} ago`;
}

/** `valid 22m (14:03)`, `expired 3m ago`, `rejected`, `none`. */
export function tokenText(
  { status, expires_at: end }: Pick<AgentStatus['token'], 'status' | 'expires_at'>,
  view: View & { readonly clock: boolean },
): string {
  if (end === null || (status !== 'valid' && status !== 'expired')) return status;
  if (status === 'expired') return `expired ${agoText(end, view.now)}`;
  const left = `valid ${formatRoughSpan(secondsUntil(end, view.now))}`;
  return view.clock ? `${left} (${momentText(end, view)})` : left;
}

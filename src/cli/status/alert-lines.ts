import type { AgentStatus, Severity } from '../../domain/status.ts';
import { paint, type Tone } from '../terminal-style.ts';
import { hangingLines, printable } from '../wrap-words.ts';
import { agoText, momentText, type View } from './words.ts';

const tones: Readonly<Record<Severity, Tone | null>> = { critical: 'bad', warning: 'watch', info: null };

/** Every standing alert with its advice, below the line that names it. */
export function alertLines(statuses: readonly AgentStatus[], view: View): readonly string[] {
  const { style, now } = view;
  return statuses.flatMap(({ agent, alerts }) =>
    alerts.flatMap(({ code, severity, since, summary }) => {
      const moment = momentText(since, view);
      const age = style.width === null ? moment : `${moment} (${agoText(since, now)})`;
      const [first = '', ...others] = hangingLines('', `${agent}: ${severity} ${code} since ${age}`, style);
      const painted = first.replace(`${severity} ${code}`, (found) => paint(style, tones[severity], found));
      return ['', painted, ...others, ...hangingLines('  ', printable(summary), style)];
    }),
  );
}

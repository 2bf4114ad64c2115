import type { AgentStatus } from '../../domain/status.ts';
import { formatUntil } from '../format.ts';
import { tableLines, type Column, type TableLines } from '../table.ts';
import type { TerminalStyle } from '../terminal-style.ts';
import { labels, nextStep } from './label.ts';
import { plain, tokenText } from './words.ts';

/** The table of `tokenward status`: one line an agent, which says whether it is well, until when, and what to do. */
export function agentTable(statuses: readonly AgentStatus[], style: TerminalStyle, now: Date): TableLines {
  const name = column('AGENT', ({ agent }) => agent);
  const state: Column<AgentStatus> = {
    header: 'STATE',
    cell: ({ state: label }) => ({ text: label, tone: labels[label].tone }),
  };
  const token = column('TOKEN', (status) => tokenText(status.token, { style, now, clock: true }));
  const briefToken = column('TOKEN', (status) => tokenText(status.token, { style, now, clock: false }));
  const refresh = column('REFRESH', ({ next_refresh_at: at }) => (at === null ? '-' : formatUntil(at, now)));
  const secret = column('SECRET', (status) => status.secret.status);
  const generation = column('GENERATION', (status) => String(status.secret.generation));
  return tableLines(
    statuses,
    {
      sign: ({ state: label }) => ({ text: style.glyphs[labels[label].glyph], tone: labels[label].tone }),
      columnSets: [
        [name, state, token, refresh, secret, generation],
        [name, state, token, refresh, secret],
        [name, state, token, refresh],
        [name, state, briefToken, refresh],
        [name, state, briefToken],
      ],
      advice: { header: 'DO', text: (status) => nextStep(status) ?? '' },
    },
    style,
  );
}

function column(header: string, text: (status: AgentStatus) => string): Column<AgentStatus> {
  return { header, cell: (status) => plain(text(status)) };
}

import type { AgentStatus } from '../../domain/status.ts';
import type { TerminalStyle } from '../terminal-style.ts';
import { wrapWords } from '../wrap-words.ts';
import { agentDetail, type AgentSite } from './agent-detail.ts';
import { agentTable } from './agent-table.ts';
import { alertLines } from './alert-lines.ts';
import { byUrgency, summaryText } from './label.ts';
import type { View } from './words.ts';

/** All that a status prints, in parts of which a small screen can leave some out. */
export interface Page {
  /** What is always seen. */
  readonly head: readonly string[];
  /** The lines of each agent, the most urgent first. */
  readonly agents: readonly (readonly string[])[];
  /** What is to be read at leisure. */
  readonly foot: readonly string[];
}

export interface PageContext extends View {
  /** Whether one agent was asked for by its name. */
  readonly named: boolean;
  readonly siteOf: (agent: string) => AgentSite | null;
}

/**
 * At a terminal: a summary, the table with trouble on top, the alerts; or everything about the one agent that there is. Elsewhere
 * a table begins with its header, and one of a single agent stays a table, so that a script can rely on it.
 */
export function statusPage(statuses: readonly AgentStatus[], { named, siteOf, ...view }: PageContext): Page {
  const isTerminal = view.style.width !== null;
  const foot = alertLines(statuses, view);
  const [only] = statuses;
  if (only !== undefined && statuses.length === 1 && (named || isTerminal))
    return { head: [], agents: [agentDetail(only, siteOf(only.agent), view)], foot };
  const sorted = byUrgency(statuses);
  const { header, rows } = agentTable(sorted, view.style, view.now);
  const summary = isTerminal ? [...wrapWords(summaryText(statuses), view.style), ''] : [];
  const head = statuses.length === 0 ? summary : [...summary, ...header];
  return { head, agents: rows, foot: alertLines(sorted, view) };
}

export function allLines({ head, agents, foot }: Page): readonly string[] {
  return [...head, ...agents.flat(), ...foot];
}

/**
 * As many lines as a screen of this height holds, with a word about what is left out. Agents and alerts share the room: neither
 * takes more than half of it while the other needs it.
 */
export function linesWithin(page: Page, height: number, { glyphs }: TerminalStyle): readonly string[] {
  const { head, agents, foot } = page;
  const lines = allLines(page);
  if (lines.length <= height) return lines;
  const room = height - head.length;
  const footRoom = Math.min(foot.length, Math.max(Math.floor(room / 2), room - agents.flat().length));
  return [
    ...head,
    ...agentsWithin(agents, room - footRoom, glyphs.cut),
    ...cutAt(foot, footRoom, (left) => `${glyphs.cut} ${left} more lines of alerts`),
  ].slice(0, height);
}

function agentsWithin(agents: Page['agents'], height: number, cut: string): readonly string[] {
  if (agents.flat().length <= height) return agents.flat();
  // one agent's lines have no end that could be counted in agents
  if (agents.length === 1) return cutAt(agents.flat(), height, (left) => `${cut} ${left} more lines`);
  const shown: string[] = [];
  for (const [at, lines] of agents.entries()) {
    if (shown.length + lines.length > height - 1)
      return [...shown, `${cut} ${agents.length - at} more agents`];
    shown.push(...lines);
  }
  return shown;
}

function cutAt(lines: readonly string[], height: number, word: (left: number) => string): readonly string[] {
  if (lines.length <= height) return lines;
  const kept = Math.max(0, height - 1);
  return [...lines.slice(0, kept), word(lines.length - kept)].slice(0, height);
}

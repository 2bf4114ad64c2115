import type { AgentStatus } from '../domain/status.ts';
import { alignColumns, formatSpan, formatUntil } from './format.ts';

/** Statuses in words. `now` is the time that remaining times count from. */

const header = ['AGENT', 'STATE', 'TOKEN', 'EXPIRES-IN', 'NEXT-REFRESH', 'SECRET', 'GENERATION'];
const nothing = '-';

/** The table of `tokenward status`: one line an agent, every cell one word. */
export function statusTable(statuses: readonly AgentStatus[], now: Date): readonly string[] {
  return alignColumns([header, ...statuses.map((status) => cells(status, now))]);
}

function cells(
  { agent, state, token, secret, next_refresh_at: next }: AgentStatus,
  now: Date,
): readonly string[] {
  return [
    agent,
    state,
    token.status,
    token.expires_in === null ? nothing : formatSpan(token.expires_in),
    next === null ? nothing : formatUntil(next, now),
    secret.status,
    String(secret.generation),
  ];
}

/** Every standing alert with its advice, below the line that names it. */
export function alertLines(statuses: readonly AgentStatus[]): readonly string[] {
  return statuses.flatMap(({ agent, alerts }) =>
    alerts.flatMap(({ code, severity, since, summary }) => [
      '',
      `${agent}: ${severity} ${code} since ${since}`,
      `  ${summary}`,
    ]),
  );
}

/** What the last exchange brought. */
export function grantText({ secret, token }: AgentStatus): string {
  const generation = `generation ${secret.generation}`;
  if (token.expires_at === null || token.expires_in === null) return generation;
  return `${generation}, token valid until ${token.expires_at} (${formatSpan(token.expires_in)})`;
}

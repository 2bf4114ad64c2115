import type { AgentStatus } from '../../domain/status.ts';
import { formatUntil } from '../format.ts';
import { paint } from '../terminal-style.ts';
import { hangingLines } from '../wrap-words.ts';
import { keyLines, type KeyedText } from './key-lines.ts';
import { labels, nextStep } from './label.ts';
import { agoText, momentText, tokenText, type View } from './words.ts';

/** What the configuration says of an agent, for people who look at its status. */
export interface AgentSite {
  readonly url: string;
  /** Paths of its token files. */
  readonly files: readonly string[];
}

/** Everything about one agent. `site` is null where the daemon has an agent that the configuration does not. */
export function agentDetail(status: AgentStatus, site: AgentSite | null, view: View): readonly string[] {
  const step = nextStep(status);
  const entries: readonly (KeyedText | null)[] = [
    { key: 'Token', text: tokenLine(status, view) },
    refreshEntry(status, view),
    { key: 'Secret', text: secretLine(status) },
    lastEntry(status, view),
    { key: 'Server', text: site === null ? status.provider : `${site.url} (${status.provider})` },
    site === null || site.files.length === 0
      ? null
      : { key: site.files.length === 1 ? 'File' : 'Files', text: site.files.join(' ') },
    { key: 'Do', text: step ?? 'nothing', ...(step !== null && { tone: 'strong' as const }) },
  ];
  return [...headline(status, view), ...keyLines(entries.filter(isThere), view.style)];
}

function isThere(entry: KeyedText | null): entry is KeyedText {
  return entry !== null;
}

function headline({ agent, state }: AgentStatus, { style }: View): readonly string[] {
  const { glyph, tone, meaning } = labels[state];
  const sign = style.width === null ? '' : `${style.glyphs[glyph]} `;
  const [first = '', ...others] = hangingLines(
    ' '.repeat(sign.length),
    `${agent}: ${state}, ${meaning}`,
    style,
  );
  const named = `${sign}${first.slice(sign.length)}`;
  return [
    named.replace(
      `${sign}${agent}: ${state}`,
      () => `${paint(style, tone, sign)}${agent}: ${paint(style, tone, state)}`,
    ),
    ...others,
  ];
}

function tokenLine({ token }: AgentStatus, view: View): string {
  const { sequence } = token;
  const text = tokenText(token, { ...view, clock: true });
  return sequence === 0 ? text : `${text}, number ${sequence}`;
}

function refreshEntry({ next_refresh_at: at }: AgentStatus, view: View): KeyedText {
  if (at === null) return { key: 'Refresh', text: 'none planned' };
  const until = formatUntil(at, view.now);
  return { key: 'Refresh', text: until === 'now' ? until : `in ${until} (${momentText(at, view)})` };
}

function secretLine({ secret }: AgentStatus): string {
  const { status, generation, store, persisted } = secret;
  return `${status}, generation ${generation}, ${store} store${persisted ? '' : ', not saved yet'}`;
}

function lastEntry({ last_exchange: last }: AgentStatus, view: View): KeyedText | null {
  if (last === null) return null;
  const outcome = last.code === null ? last.outcome : `${last.outcome} (${last.code})`;
  return { key: 'Last', text: `${outcome} ${agoText(last.at, view.now)} (${momentText(last.at, view)})` };
}

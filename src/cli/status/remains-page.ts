import type { AgentRemains, FoundFile } from '../../domain/remains.ts';
import { tableLines, type Column } from '../table.ts';
import { paint } from '../terminal-style.ts';
import { hangingLines, wrapWords } from '../wrap-words.ts';
import { keyLines, type KeyedText } from './key-lines.ts';
import type { Page } from './page.ts';
import {
  holderSentence,
  holderWord,
  remainsLook,
  remainsNotes,
  remainsAdvice,
  remainsStep,
  tokenFileText,
} from './remains-words.ts';
import { agoText, momentText, plain, tokenText, type View } from './words.ts';

export interface RemainsView extends View {
  /** Whether one agent was asked for by its name. */
  readonly named: boolean;
  /** The first time that no daemon answered; null where that was only now. */
  readonly since: Date | null;
}

const unseen = '?';

/** The page of a status that no daemon gave; of one agent everything. */
export function remainsPage(agents: readonly AgentRemains[], view: RemainsView): Page {
  const isTerminal = view.style.width !== null;
  const head = isTerminal ? [...wrapWords(title(view), view.style), ''] : [];
  const [only] = agents;
  const foot = agents.flatMap((remains) => noteLines(remains, view));
  const spacedFoot = foot.length === 0 ? foot : ['', ...foot];
  if (only !== undefined && agents.length === 1 && (view.named || isTerminal))
    return { head, agents: [detail(only, view)], foot: spacedFoot };
  const { header, rows } = table(agents, view);
  return { head: [...head, ...header], agents: rows, foot: spacedFoot };
}

function title({ since, ...view }: RemainsView): string {
  const moment = since?.toISOString();
  const when =
    moment === undefined ? '' : ` since ${momentText(moment, view)} (${agoText(moment, view.now)})`;
  return `no daemon answers${when}; this is what the state folder and the locks tell`;
}

function table(agents: readonly AgentRemains[], view: View) {
  const { style } = view;
  const name = column('AGENT', ({ agent }) => agent);
  const holder = column('DAEMON', holderWord);
  const token = column('TOKEN', (remains) => tokenWords(remains, view, true));
  const briefToken = column('TOKEN', (remains) => tokenWords(remains, view, false));
  const secret = column('SECRET', (remains) => remains.secret.status ?? unseen);
  const generation = column('GENERATION', (remains) => String(remains.secret.generation ?? unseen));
  return tableLines(
    agents,
    {
      sign: (remains) => {
        const { glyph, tone } = remainsLook(remains);
        return { text: style.glyphs[glyph], tone };
      },
      columnSets: [
        [name, holder, token, secret, generation],
        [name, holder, token, secret],
        [name, holder, token],
        [name, holder, briefToken],
      ],
      advice: { header: 'DO', text: remainsStep },
    },
    style,
  );
}

function column(header: string, text: (remains: AgentRemains) => string): Column<AgentRemains> {
  return { header, cell: (remains) => plain(text(remains)) };
}

function tokenWords({ token }: AgentRemains, view: View, clock: boolean): string {
  return token === null ? unseen : tokenText(token, { ...view, clock });
}

function detail(remains: AgentRemains, view: View): readonly string[] {
  const { agent, token, secret, last_exchange: last, token_files: files } = remains;
  const { style, now } = view;
  const { glyph, tone } = remainsLook(remains);
  const sign = style.width === null ? '' : `${style.glyphs[glyph]} `;
  const [first = '', ...others] = hangingLines(sign, `${agent}: ${holderSentence(remains)}`, style);
  const number = token === null || token.sequence === 0 ? '' : `, number ${token.sequence}`;
  const entries: readonly KeyedText[] = [
    { key: 'Token', text: token === null ? 'not known' : `${tokenWords(remains, view, true)}${number}` },
    ...files.map((file) => ({ key: 'File', text: tokenFileText(file) })),
    { key: 'Secret', text: secretText(secret) },
    ...(last === null
      ? []
      : [{ key: 'Last', text: `${last.outcome} ${agoText(last.at, now)} (${momentText(last.at, view)})` }]),
    { key: 'Stored', text: storedText(remains, view) },
    { key: 'Do', text: remainsAdvice(remains), tone: 'strong' },
  ];
  return [first.replace(sign, paint(style, tone, sign)), ...others, ...keyLines(entries, style)];
}

function secretText({ status, generation, store }: AgentRemains['secret']): string {
  if (status === null) return `not known, ${store} store`;
  return `${status}, generation ${generation}, ${store} store`;
}

function storedText({ folder, files }: AgentRemains, view: View): string {
  if (files.length === 0) return `nothing to be seen in ${folder}`;
  const newest = (['journal', 'session', 'secret', 'candidate'] as const).flatMap((record) => {
    const file = files.find(({ name }) => name === `${record}.sealed`);
    return file === undefined ? [] : [`${record} ${modifiedText(file, view)}`];
  });
  return `${newest.join(', ')}; in ${folder}`;
}

function modifiedText({ modified_at: at }: FoundFile, view: View): string {
  return momentText(at, view);
}

function noteLines(remains: AgentRemains, { style }: View): readonly string[] {
  return remainsNotes(remains).flatMap((note) => {
    const [first = '', ...others] = wrapWords(`${remains.agent}: ${note}`, style, 2);
    return [first, ...others.map((line) => `  ${line}`)];
  });
}

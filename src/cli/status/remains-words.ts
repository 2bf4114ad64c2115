import type { AgentRemains, TokenFileRemains } from '../../domain/remains.ts';
import type { Glyph, Tone } from '../terminal-style.ts';
import { newSecretStep } from './label.ts';

/** What is said of an agent whose daemon does not answer. */

export interface RemainsLook {
  readonly glyph: Glyph;
  readonly tone: Tone;
}

export function remainsLook({ holder, secret }: AgentRemains): RemainsLook {
  if (secret.status === 'refused' || secret.status === 'lost') return { glyph: 'stuck', tone: 'bad' };
  return holder.status === 'held' ? { glyph: 'watch', tone: 'watch' } : { glyph: 'idle', tone: 'bad' };
}

/** One or two words for a table. */
export function holderWord({ holder: { status, pid } }: AgentRemains): string {
  switch (status) {
    case 'none':
      return 'none';
    case 'held':
      return `process ${pid}`;
    case 'left':
      return 'gone';
    case 'unknown':
      return 'unknown';
  }
}

export function holderSentence({ holder: { status, pid } }: AgentRemains): string {
  switch (status) {
    case 'none':
      return 'no process holds it';
    case 'held':
      return `process ${pid} holds it, but does not answer: it starts, hangs, or listens elsewhere`;
    case 'left':
      return `no process holds it that can be seen here; ${pid === null ? 'one' : `process ${pid}`} left its lock behind, as after a kill`;
    case 'unknown':
      return 'whether a process holds it cannot be seen';
  }
}

const start = 'systemctl start tokenward';

/** The command that leads on, for a narrow place. */
export function remainsStep({ agent, provider, holder, secret }: AgentRemains): string {
  if (holder.status === 'held') return `journalctl _PID=${holder.pid}`;
  const needsSecret = secret.status === 'absent' || secret.status === 'refused' || secret.status === 'lost';
  // a memory store takes none before the daemon runs
  return needsSecret && secret.store !== 'memory' ? newSecretStep({ agent, provider }) : start;
}

/** The same where there is room for hosts without systemd. */
export function remainsAdvice(remains: AgentRemains): string {
  const step = remainsStep(remains);
  return step === start ? `${start}, or: tokenward run` : step;
}

const fileWords: Readonly<Record<TokenFileRemains['status'], string>> = {
  current: 'holds this token',
  other: 'holds another token',
  missing: 'is missing',
  unread: 'is there',
};

export function tokenFileText({ path, status }: TokenFileRemains): string {
  return `${path} ${fileWords[status]}`;
}

/** What deserves a sentence of its own. */
export function remainsNotes(remains: AgentRemains): readonly string[] {
  const { open_attempt: open, kept_answers: kept, set_aside: setAside, folder, unread } = remains;
  return [
    ...(unread === null ? [] : [`not everything could be read: ${unread}`]),
    ...(open === true ? ['an exchange was sent and its end is not recorded; the next start settles it'] : []),
    ...(kept === 0
      ? []
      : [
          `${kept === 1 ? '1 answer' : `${kept} answers`} of the server ${kept === 1 ? 'is' : 'are'} kept; the next start reads what it needs of them`,
        ]),
    ...setAside.map((name) => `set aside by \`tokenward recover\`: ${folder}/${name}`),
  ];
}

import { isProductName, products } from '../../config/products.ts';
import type { AgentLabel, AgentStatus } from '../../domain/status.ts';
import type { Glyph, Tone } from '../terminal-style.ts';

/** What each label of an agent looks like, what it says, and what a person does about it. */

interface LabelLook {
  readonly glyph: Glyph;
  readonly tone: Tone;
  readonly meaning: string;
}

/** The most urgent first: in this order agents are shown and counted. */
export const labels = {
  lost: {
    glyph: 'stuck',
    tone: 'bad',
    meaning: 'the server refuses the secret, which was most likely lost on its way',
  },
  revoked: { glyph: 'stuck', tone: 'bad', meaning: 'the server refuses the secret' },
  blocked: { glyph: 'stuck', tone: 'bad', meaning: 'a person must decide before anything is exchanged' },
  expired: { glyph: 'trying', tone: 'bad', meaning: 'no valid token, trying to get one' },
  unprovisioned: { glyph: 'idle', tone: 'watch', meaning: 'no secret yet' },
  degraded: { glyph: 'watch', tone: 'watch', meaning: 'a valid token, but something needs watching' },
  acquiring: { glyph: 'trying', tone: 'watch', meaning: 'no token yet, trying to get one' },
  standby: { glyph: 'idle', tone: 'faint', meaning: 'another process holds the agent' },
  active: { glyph: 'fine', tone: 'good', meaning: 'a valid token, refreshed ahead of its end' },
} as const satisfies Record<AgentLabel, LabelLook>;

const urgency = Object.keys(labels) as AgentLabel[];

/** Trouble first; agents that are equally well stay in the order of the configuration. */
export function byUrgency(statuses: readonly AgentStatus[]): readonly AgentStatus[] {
  return statuses.toSorted((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state));
}

/** The next command where a person is needed, or where to read what to do; null where nothing is to be done. */
export function nextStep({ agent, provider, state, alerts }: AgentStatus): string | null {
  switch (state) {
    case 'lost':
    case 'revoked':
    case 'unprovisioned':
      return newSecretStep({ agent, provider });
    case 'blocked':
      return `tokenward recover ${agent}`;
    case 'degraded':
    case 'acquiring':
    case 'expired':
    case 'standby':
    case 'active':
      return alerts.some(({ severity }) => severity !== 'info') ? 'see below' : null;
  }
}

/** The command that brings a new secret, which not every server makes on request. */
export function newSecretStep({ agent, provider }: Pick<AgentStatus, 'agent' | 'provider'>): string {
  const creates = !isProductName(provider) || products[provider].create;
  return `tokenward ${creates ? 'enroll' : 'import'} ${agent}`;
}

/** `3 agents: 1 revoked, 2 active; 1 needs you`. */
export function summaryText(statuses: readonly AgentStatus[]): string {
  const count = statuses.length === 1 ? '1 agent' : `${statuses.length} agents`;
  const counts = urgency.flatMap((label) => {
    const found = statuses.filter(({ state }) => state === label).length;
    return found === 0 ? [] : [`${found} ${label}`];
  });
  const needy = statuses.filter((status) => nextStep(status) !== null).length;
  const call = needy === 0 ? 'nothing to do' : `${needy} ${needy === 1 ? 'needs' : 'need'} you`;
  return counts.length === 0 ? count : `${count}: ${counts.join(', ')}; ${call}`;
}

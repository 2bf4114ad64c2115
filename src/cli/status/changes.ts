import type { AgentStatus } from '../../domain/status.ts';
import { answerBody, type StatusAnswer } from './ask.ts';

/** A line for each agent that changed, for a watch whose reader is no terminal. What only counts down is no change. */
export class ChangeLines {
  readonly #json: boolean;
  readonly #last = new Map<string, string>();
  #silence: string | null = null;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** `now` is the time that a line for people begins with. */
  after(answer: StatusAnswer, now: Date): readonly string[] {
    if (answer.kind === 'remains') return this.#silent(answer, now);
    const isBack = this.#silence !== null;
    this.#silence = null;
    const changed = answer.statuses.filter((status) => this.#isNews(status) || isBack);
    return changed.map((status) => (this.#json ? JSON.stringify(status) : sentence(status, now)));
  }

  /** One line, until the reason is another one. */
  #silent(answer: Extract<StatusAnswer, { kind: 'remains' }>, now: Date): readonly string[] {
    const { message } = answer.error;
    if (this.#silence === message) return [];
    this.#silence = message;
    return [this.#json ? JSON.stringify(answerBody(answer, false)) : `${seconds(now)} ${message}`];
  }

  #isNews(status: AgentStatus): boolean {
    const key = changeKey(status);
    const isNews = this.#last.get(status.agent) !== key;
    this.#last.set(status.agent, key);
    return isNews;
  }
}

/** Everything that a change consists of. A retry that fails as the one before is none, nor is a time that moves on. */
function changeKey({ state, token, secret, last_exchange: last, alerts }: AgentStatus): string {
  const standing = alerts.map(({ code, severity }) => [code, severity]);
  return JSON.stringify([state, token.status, token.sequence, secret, last?.outcome, last?.code, standing]);
}

function sentence({ agent, state, token, secret, alerts }: AgentStatus, now: Date): string {
  const isAlive = token.status === 'valid' && token.expires_at !== null;
  return [
    `${seconds(now)} ${agent} ${state}: token ${token.status}${isAlive ? ` until ${token.expires_at}` : ''}`,
    `secret ${secret.status}`,
    `generation ${secret.generation}`,
    ...alerts.map(({ code, severity }) => `${severity} ${code}`),
  ].join(', ');
}

/** ISO 8601, UTC, whole seconds. */
function seconds(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

import type { Failure } from './agent-event.ts';
import type { AgentSettings } from './agent-state.ts';
import { TokenwardError, type ErrorCode } from './errors.ts';
import { factsFound } from './recovery-facts.ts';
import type { RecoveryFound } from './recovery-found.ts';
import type { Offer } from './recovery-offers.ts';
import type { RecoveryActionName, RecoveryReport } from './recovery-report.ts';
import { situationOf } from './recovery-situations.ts';
import type { RecoveryStep } from './recovery-steps.ts';
import type { AgentLabel } from './status.ts';

/**
 * What a person can do about an agent that helps itself no further: from what was found on disk and in the store to a report,
 * and the durable steps of each action in it. Pure; `engine/recover.ts` reads before and does the steps after.
 */

export interface Recovery {
  readonly report: RecoveryReport;
  readonly offers: readonly Offer[];
}

export function recoveryOf(found: RecoveryFound): Recovery {
  const { offers, ...situation } = situationOf(found);
  const { agent } = found.settings;
  const actions = offers.map(({ action }) => action);
  const report = { agent, state: found.state, ...situation, actions, ...factsFound(found), server: null };
  return { report, offers };
}

/** For a store that does not answer: nothing can be known of it, so nothing can be done. */
export function storeAwayReport(
  { agent }: AgentSettings,
  state: AgentLabel,
  { code, detail }: Failure,
): RecoveryReport {
  return {
    agent,
    state,
    matter: { code, summary: detail },
    remedy: 'store',
    recommended: null,
    advice: 'nothing can be told or done before the store answers; mend it, and the agent goes on by itself',
    actions: [],
    store: null,
    journal: null,
    session: null,
    answers: [],
    server: null,
  };
}

/** The steps of what is asked for. Throws `RECOVERY_NOT_POSSIBLE` where it is not offered (any more). */
export function stepsOf(
  { report, offers }: Recovery,
  name: RecoveryActionName,
  matter: ErrorCode | null = null,
): readonly RecoveryStep[] {
  const offer = offers.find(({ action }) => action.name === name);
  const isSame = matter === null || matter === report.matter?.code;
  if (offer === undefined || !isSame) throw notOffered(report, name);
  return offer.steps;
}

/** For an action that is none of the report's, or not for what is the matter now. */
export function notOffered({ agent, matter, actions, advice }: RecoveryReport, name: string): TokenwardError {
  const now = matter === null ? '' : ` (${matter.code})`;
  const names = actions.map((action) => action.name).join(', ');
  return new TokenwardError(
    'RECOVERY_NOT_POSSIBLE',
    `${name} is not what can be done about ${agent} as it is now${now}; ${names === '' ? advice : `there is ${names}`}`,
  );
}

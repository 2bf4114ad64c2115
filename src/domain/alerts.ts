import type { AgentState } from './agent-state.ts';
import type { ErrorCode } from './errors.ts';
import { haltedInDoubt } from './facts.ts';
import { refusalCode } from './ledger-refusals.ts';
import { tokenUsable } from './plan.ts';
import { expiryCriticalShare, expiryWarningShare } from './schedule.ts';
import { doubtIn } from './slots.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import type { AlertStatus, Severity } from './status.ts';
import { remainingMs } from './token.ts';
import { secretAdvice, wayOut } from './way-out.ts';

/** The conditions that stand for an agent right now, computed anew from its state: nothing can be forgotten or stick. */
export function alertsOf(state: AgentState, now: Stamp): readonly AlertStatus[] {
  if (state.heldElsewhere !== null) return [];
  const found = [
    ...refusalAlerts(state, now),
    ...handOverAlerts(state, now),
    ...troubleAlerts(state, now),
    ...expiryAlerts(state, now),
    ...Object.values(state.conditions),
  ];
  return found;
}

function refusalAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { record, settings } = state;
  const { agent } = settings;
  const alerts: AlertStatus[] = [];
  const refusal = record?.refusal ?? null;
  if (refusal !== null && refusal.kind !== 'suspected') {
    const text =
      refusal.kind === 'lost'
        ? `the secret of ${agent} was lost in flight, or revoked meanwhile: the server refuses it after an exchange whose answer never arrived`
        : `the server refuses the secret of ${agent}: it was revoked, or never was one of this server's (a restored backup of the state folder can also be the cause)`;
    const advice = `${tokenLeft(state, now)}; run \`tokenward enroll ${agent}\` or \`tokenward import ${agent}\``;
    alerts.push(alert(refusalCode(refusal.kind), 'critical', refusal.since, now, `${text}; ${advice}`));
  }
  const doubt = record?.current.doubt ?? doubtIn(state, 'candidate') ?? record?.previous?.doubt ?? null;
  if (doubt !== null && refusal?.kind !== 'lost') {
    const halted = haltedInDoubt(state);
    const next = halted
      ? `in_doubt is halt, so a person decides: ${wayOut('IN_DOUBT', agent)}`
      : 'the same secret is sent again until one attempt is answered';
    const text = `an exchange was sent and nobody knows how it ended: ${lastDoubt(state)} (attempts so far: ${doubt.attempts}); ${next}`;
    alerts.push(alert('IN_DOUBT', halted ? 'critical' : 'warning', doubt.since, now, text));
  }
  return alerts;
}

/** Until the next exchange: where no daemon ran at the time of the hand-over, nobody waited for the verdict. */
function handOverAlerts({ record, settings }: AgentState, now: Stamp): AlertStatus[] {
  const last = record?.lastExchange ?? null;
  if (last?.code !== 'HANDOVER_REFUSED') return [];
  const text = `the server refused the secret that was handed over to ${settings.agent} last; the one in use before stands`;
  return [alert('HANDOVER_REFUSED', 'warning', last.at, now, `${text}; ${secretAdvice(settings.agent)}`)];
}

/** What came of the last attempt; a restart forgets it. */
function lastDoubt({ refreshTrouble }: AgentState): string {
  return refreshTrouble?.code === 'IN_DOUBT' ? refreshTrouble.detail : 'its answer never arrived';
}

function troubleAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { blocked, storeTrouble, unsaved, settings } = state;
  const alerts: AlertStatus[] = [];
  if (blocked !== null) {
    const text = `${blocked.detail}; nothing is exchanged; ${wayOut(blocked.code, settings.agent)}`;
    alerts.push(alert(blocked.code, 'critical', blocked.since, now, text));
  }
  if (unsaved !== null) {
    const text = state.answerKept
      ? `a new secret could not be saved (${unsaved.detail}); the answer that brought it is kept in the journal, so that a restart loses nothing, and it is saved as soon as the store is mended`
      : `a new secret is held in memory only, because it could not be saved (${unsaved.detail}); do not stop the daemon, mend the store`;
    alerts.push(alert('SECRET_NOT_PERSISTED', 'critical', unsaved.since, now, text));
  }
  if (storeTrouble !== null) {
    const severity = tokenUsable(state, now) ? 'warning' : 'critical';
    alerts.push(alert('STORE_UNAVAILABLE', severity, storeTrouble.since, now, storeTrouble.detail));
  }
  return alerts;
}

function expiryAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { token, refreshTrouble } = state;
  const trouble = refreshTrouble ?? state.storeTrouble;
  if (trouble === null) return [];
  // A doubt and a failing store have an alert of their own.
  const failing = trouble === refreshTrouble && trouble.code !== 'IN_DOUBT' ? [trouble] : [];
  if (token === null || !tokenUsable(state, now)) {
    return failing.map(({ code, detail, since }) =>
      alert(code, 'critical', since, now, `no token can be had: ${detail}`),
    );
  }
  const alerts = failing.map(({ code, detail, since }) => alert(code, 'warning', since, now, detail));
  const left = remainingMs(token, now) / token.ttlMs;
  if (left > expiryWarningShare) return alerts;
  const severity = left > expiryCriticalShare ? 'warning' : 'critical';
  const text = `the token of ${state.settings.agent} ends and cannot be refreshed: ${trouble.detail}; ${tokenLeft(state, now)}`;
  return [...alerts, alert('TOKEN_EXPIRING', severity, trouble.since, now, text)];
}

/** How long shippers can still work, in words. No running countdown: the text of a standing alert should not change by the second. */
function tokenLeft(state: AgentState, now: Stamp): string {
  const { token } = state;
  if (token === null || !tokenUsable(state, now)) return 'there is no valid token';
  return `the token is served until ${isoTime(now, remainingMs(token, now))}`;
}

function alert(code: ErrorCode, severity: Severity, since: Stamp, now: Stamp, summary: string): AlertStatus {
  return { code, severity, since: isoTime(now, -elapsedMs(since, now)), summary };
}

/** ISO 8601 in whole seconds of the moment `offsetMs` from `now`, on today's wall clock. */
export function isoTime(now: Stamp, offsetMs: number): string {
  // oxlint-disable-next-line no-restricted-globals -- a conversion of the moment that was passed in, not a look at the clock
  return new Date(Math.round((now.wallMs + offsetMs) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

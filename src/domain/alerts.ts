import type { AgentState, Trouble } from './agent-state.ts';
import type { ErrorCode } from './errors.ts';
import { haltedInDoubt } from './facts.ts';
import { refusalCode } from './ledger-refusals.ts';
import { tokenUsable } from './plan.ts';
import { isDead, isReported, justReplacedMs, rejectionStreak } from './rejection.ts';
import { expiryLimits, overdueMs } from './schedule.ts';
import { doubtIn } from './slots.ts';
import { addMs, elapsedMs, type Stamp } from './stamp.ts';
import { isServingStandby } from './standby.ts';
import type { AlertStatus, Severity } from './status.ts';
import { remainingMs } from './token.ts';
import { secretAdvice, wayOut } from './way-out.ts';

/** The conditions that stand for an agent right now, computed anew from its state: nothing can be forgotten or stick. */
export function alertsOf(state: AgentState, now: Stamp): readonly AlertStatus[] {
  if (isServingStandby(state)) return [...standbyAlerts(state, now), ...Object.values(state.conditions)];
  if (state.heldElsewhere !== null) return [];
  const found = [
    ...refusalAlerts(state, now),
    ...handOverAlerts(state, now),
    ...troubleAlerts(state, now),
    ...rejectionAlerts(state, now),
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
        : `the server refuses the secret of ${agent}: ${refusalCauses(settings.rotates)}`;
    const code = refusalCode(refusal.kind);
    const advice = `${tokenLeft(state, now)}; ${wayOut(code, agent, settings.creates)}`;
    alerts.push(alert(code, 'critical', refusal.since, now, `${text}; ${advice}`));
  }
  const doubt = record?.current.doubt ?? doubtIn(state, 'candidate') ?? record?.previous?.doubt ?? null;
  if (doubt !== null && refusal?.kind !== 'lost') {
    const halted = haltedInDoubt(state);
    const next = halted
      ? `in_doubt is halt, so a person decides: ${wayOut('IN_DOUBT', agent, settings.creates)}`
      : 'the same secret is sent again until one attempt is answered';
    const text = `an exchange was sent and nobody knows how it ended: ${lastDoubt(state)} (attempts so far: ${doubt.attempts}); ${next}`;
    alerts.push(alert('IN_DOUBT', halted ? 'critical' : 'warning', doubt.since, now, text));
  }
  return alerts;
}

/** A secret that stays what it is may have an end of its own; one that is replaced may be older than the server's. */
function refusalCauses(rotates: boolean): string {
  return rotates
    ? "it was revoked, or never was one of this server's (a restored backup of the state folder can also be the cause)"
    : "it was revoked, has ended, or never was one of this server's";
}

/** Until the next exchange: where no daemon ran at the time of the hand-over, nobody waited for the verdict. */
function handOverAlerts({ record, settings }: AgentState, now: Stamp): AlertStatus[] {
  const last = record?.lastExchange ?? null;
  if (last?.code !== 'HANDOVER_REFUSED') return [];
  const text = `the server refused the secret that was handed over to ${settings.agent} last; the one in use before stands`;
  return [alert('HANDOVER_REFUSED', 'warning', last.at, now, `${text}; ${secretAdvice(settings)}`)];
}

/** What came of the last attempt; a restart forgets it. */
function lastDoubt({ refreshTrouble }: AgentState): string {
  return refreshTrouble?.code === 'IN_DOUBT' ? refreshTrouble.detail : 'its answer never arrived';
}

/** A token that is no more, and tokens that never were let in. */
function rejectionAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { record, settings, forbidden, report } = state;
  const { agent } = settings;
  const since = record?.rejections?.since ?? now;
  const streak = rejectionStreak(state, now);
  const alerts: AlertStatus[] = [];
  // A secret that is the token has the alert of the secret, once the server has refused it.
  if (isDead(state) && (settings.exchange || record?.refusal === null)) {
    const next = nextAfterDeath(state);
    const text = `the server rejects the token of ${agent}: it was revoked, and is handed out no more; ${next}`;
    alerts.push(alert('TOKEN_REVOKED', 'critical', since, now, text));
  } else if (wasJustReplaced(state, now)) {
    const text = `the token of ${agent} was rejected before its end, as after a revocation of all tokens; another one is served already`;
    alerts.push(alert('TOKEN_REVOKED', 'warning', since, now, text));
  }
  const advice = 'that is no revocation: grant the permission, or see token_header, url and probe';
  if (forbidden !== null) {
    const text = `${forbidden.detail}; ${advice}`;
    alerts.push(alert('TOKEN_REJECTED', 'warning', forbidden.since, now, text));
  } else if (streak > 1 || (streak === 1 && isReported(state) && report?.certain !== true)) {
    const story =
      record?.rejections?.replaced === true
        ? `the token of ${agent} is rejected again, right after another one (in a row: ${streak})`
        : `the token of ${agent} is reported as rejected again, though the server lets it in (in a row: ${streak})`;
    const text = `${story}; ${advice}`;
    alerts.push(alert('TOKEN_REJECTED', 'warning', since, now, text));
  }
  return alerts;
}

function nextAfterDeath({ record, settings }: AgentState): string {
  if (record?.refusal !== null) return 'another one needs a new secret';
  return settings.exchange ? 'another one is fetched now' : 'it is shown to the server once more';
}

/** Long enough that people hear of it, though nothing need be done. */
function wasJustReplaced({ record, settings }: AgentState, now: Stamp): boolean {
  const rejections = record?.rejections ?? null;
  if (rejections?.replaced !== true || rejections.streak !== 1) return false;
  if (!settings.exchange || !settings.tokensRevocable) return false;
  return elapsedMs(rejections.lastAt, now) < justReplacedMs;
}

function troubleAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { blocked, storeTrouble, unsaved, settings } = state;
  const alerts: AlertStatus[] = [];
  if (blocked !== null) {
    const text = `${blocked.detail}; nothing is exchanged; ${wayOut(blocked.code, settings.agent, settings.creates)}`;
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
  if (!state.settings.exchange) return endAlerts(state, now);
  const trouble = refreshTrouble ?? state.storeTrouble ?? refusedTrouble(state);
  if (trouble === null) return [];
  // A doubt and a failing store have an alert of their own.
  const failing = trouble === refreshTrouble && trouble.code !== 'IN_DOUBT' ? [trouble] : [];
  if (token === null || !tokenUsable(state, now)) {
    return failing.map(({ code, detail, since }) =>
      alert(code, 'critical', since, now, `no token can be had: ${detail}`),
    );
  }
  const alerts = failing.map(({ code, detail, since }) => alert(code, 'warning', since, now, detail));
  const left = remainingMs(token, now);
  const { warningMs, criticalMs } = expiryLimits(token.ttlMs, true);
  if (left > warningMs) return alerts;
  const severity = left > criticalMs ? 'warning' : 'critical';
  const text = `the token of ${state.settings.agent} ends and cannot be refreshed: ${trouble.detail}; ${tokenLeft(state, now)}`;
  return [...alerts, alert('TOKEN_EXPIRING', severity, trouble.since, now, text)];
}

/** The holder tells of its troubles itself; a standby tells when the token that it serves is left to end. */
function standbyAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { token, settings } = state;
  const troubles = troubleAlerts(state, now);
  if (!settings.exchange) return [...troubles, ...endAlerts(state, now)];
  if (token === null || isDead(state)) return troubles;
  const left = remainingMs(token, now);
  const overdue = overdueMs(token.ttlMs, settings.refresh);
  if (left > overdue) return troubles;
  const since = addMs(token.sentAt, token.ttlMs - overdue);
  const text = `the token of ${settings.agent} ends, and its holder has put no other one into the store; ${tokenLeft(state, now)}`;
  return [...troubles, alert('TOKEN_EXPIRING', left > 0 ? 'warning' : 'critical', since, now, text)];
}

/** A secret that is refused refreshes nothing: what is left of the token is told all the louder. */
function refusedTrouble({ record }: AgentState): Trouble | null {
  const refusal = record?.refusal ?? null;
  if (refusal === null || refusal.kind === 'suspected') return null;
  return { code: refusalCode(refusal.kind), detail: 'the server refuses its secret', since: refusal.since };
}

/** A secret that is the token ends when the configuration says so, and only a person can bring the next one. */
function endAlerts(state: AgentState, now: Stamp): AlertStatus[] {
  const { token, refreshTrouble, settings } = state;
  const { agent } = settings;
  const alerts =
    refreshTrouble === null || tokenUsable(state, now)
      ? []
      : [
          alert(
            refreshTrouble.code,
            'critical',
            refreshTrouble.since,
            now,
            `no token can be had: ${refreshTrouble.detail}`,
          ),
        ];
  if (token === null || isDead(state)) return alerts;
  const left = remainingMs(token, now);
  const { warningMs, criticalMs } = expiryLimits(token.ttlMs, false);
  if (left > warningMs) return alerts;
  const since = addMs(token.sentAt, token.ttlMs - warningMs);
  const text = `the credential of ${agent} ends: ${tokenLeft(state, now)}; bring the next one (\`tokenward import ${agent}\`) with its expires_at`;
  return [...alerts, alert('TOKEN_EXPIRING', left > criticalMs ? 'warning' : 'critical', since, now, text)];
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

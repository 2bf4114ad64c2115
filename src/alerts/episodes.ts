import type { AlertStatus } from '../domain/status.ts';

/** What changed between two looks at the alerts that stand for an agent. */
interface AlertChanges {
  readonly ended: readonly AlertStatus[];
  readonly began: readonly AlertStatus[];
}

/**
 * An alert goes on while its code and severity stay and either its beginning or its text does: texts count down, and two
 * alerts of one code may stand side by side (two files). Where somebody sets the wall clock, beginning and text change together,
 * the text by its times alone. Another severity is another alert, so that people hear of it.
 */
export function compareAlerts(before: readonly AlertStatus[], now: readonly AlertStatus[]): AlertChanges {
  const gone = without(before, now, isIdentical);
  const fresh = without(now, before, isIdentical);
  const missing = without(gone, fresh, isSameEpisode);
  const novel = without(fresh, gone, isSameEpisode);
  return { ended: without(missing, novel, isRetimed), began: without(novel, missing, isRetimed) };
}

type Match = (one: AlertStatus, other: AlertStatus) => boolean;

/** `alerts` without one partner for each of `partners`. */
function without(
  alerts: readonly AlertStatus[],
  partners: readonly AlertStatus[],
  matches: Match,
): readonly AlertStatus[] {
  const left = [...alerts];
  for (const partner of partners) {
    const found = left.findIndex((alert) => matches(alert, partner));
    if (found !== -1) left.splice(found, 1);
  }
  return left;
}

function isIdentical(one: AlertStatus, other: AlertStatus): boolean {
  return isSameKind(one, other) && one.since === other.since && one.summary === other.summary;
}

function isSameEpisode(one: AlertStatus, other: AlertStatus): boolean {
  return isSameKind(one, other) && (one.since === other.since || one.summary === other.summary);
}

function isRetimed(one: AlertStatus, other: AlertStatus): boolean {
  return isSameKind(one, other) && withoutTimes(one.summary) === withoutTimes(other.summary);
}

function withoutTimes(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME');
}

function isSameKind(one: AlertStatus, other: AlertStatus): boolean {
  return one.code === other.code && one.severity === other.severity;
}

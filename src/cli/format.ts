/** Text for people: durations, moments, and columns that line up. */

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** At most two units, without blanks, so that a table stays a table for `awk`: `45s`, `29m59s`, `12d4h`. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return '0s';
  const [unit, size] = units[first]!;
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[1]);
  return `${Math.floor(whole / size)}${unit}${next === undefined || rest === 0 ? '' : `${rest}${next[0]}`}`;
}

/** As {@link formatSpan}, without seconds from ten minutes on: what counts down before someone's eyes should rarely change. */
export function formatRoughSpan(seconds: number): string {
  return formatSpan(seconds < 600 ? seconds : seconds - (seconds % 60));
}

/** Seconds from `now` to an ISO 8601 moment; negative where it has passed. */
export function secondsUntil(moment: string, now: Date): number {
  return (Date.parse(moment) - now.getTime()) / 1000;
}

/** The time from `now` until an ISO 8601 moment; `now` where it has come. */
export function formatUntil(moment: string, now: Date): string {
  const seconds = secondsUntil(moment, now);
  return seconds <= 0 ? 'now' : formatRoughSpan(seconds);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const halfYearMs = 182 * 86_400_000;

/** A moment on the clock of the reader, as far as it is needed: `14:03` today, `Jan 31 14:03` this season, else `Jan 31 2027`. */
export function formatClock(moment: string, now: Date): string {
  const date = new Date(moment);
  const day = `${months[date.getMonth()]} ${date.getDate()}`;
  if (Math.abs(date.getTime() - now.getTime()) > halfYearMs) return `${day} ${date.getFullYear()}`;
  const time = [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  return date.toDateString() === now.toDateString() ? time : `${day} ${time}`;
}

/** Lines whose columns begin at the same place, two blanks apart. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

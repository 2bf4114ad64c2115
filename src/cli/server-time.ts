/**
 * Milliseconds since 1970 of a time in the server's list of secrets, whose page is not published: a text that says its date, or a
 * number of seconds or milliseconds. null for anything else.
 */
export function timeOf(time: string | number | null): number | null {
  if (time === null) return null;
  const ms = typeof time === 'string' ? Date.parse(time) : time < 1e11 ? time * 1000 : time;
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? ms : null;
}

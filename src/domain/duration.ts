/** Durations as people write them: in the configuration, on the command line, and in the parameters of a request. */

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Milliseconds of a text such as `500ms`, `25s`, `180d` or `1h30m`; null where it is no duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,12}(ms|[smhd]))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs], 0);
}

/** The shortest text for it: 90000 is `90s`, 86400000 is `1d`. */
export function formatDuration(ms: number): string {
  const fits = Object.entries(unitMs).find(([, length]) => ms >= length && ms % length === 0);
  const [unit, size] = fits ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

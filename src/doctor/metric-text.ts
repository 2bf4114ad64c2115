/** Reads single numbers out of Prometheus' text format 0.0.4. */

/** The value of the first series of this name; null where there is none. */
export function metricValue(text: string, name: string): number | null {
  const value = lineOf(text, name)?.split(' ').at(-1);
  return value === undefined ? null : Number(value);
}

export function metricLabel(text: string, name: string, label: string): string | null {
  return new RegExp(`[{,]${label}="([^"]*)"`).exec(lineOf(text, name) ?? '')?.[1] ?? null;
}

function lineOf(text: string, name: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

/** The two request headers that choose between forms of one answer. Both have a cheap way out for what clients usually send. */

/** Whether `Accept` (RFC 9110 §12.5.1) ranks `text/plain` above JSON. JSON is the default, also for what we cannot serve. */
export function prefersPlainText(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false;
  let plain = 0;
  let json = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type === 'text/plain' || type === 'text/*') plain = Math.max(plain, weightOf(parameters));
    if (type === 'application/json' || type === 'application/*' || type === '*/*')
      json = Math.max(json, weightOf(parameters));
  }
  return plain > json || (plain > 0 && plain === json && !accept.includes('json'));
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return weight === undefined ? 1 : Number.parseFloat(weight.slice(2)) || 0;
}

/** Whether `If-None-Match` (RFC 9110 §13.1.2) names this entity tag, compared weakly. */
export function isKnownTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === tag || ifNoneMatch === '*') return true;
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

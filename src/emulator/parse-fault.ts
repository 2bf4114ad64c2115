/** Checks a fault that came as JSON. */
import { endpoints } from './api.ts';
import type { Fault, FaultKind } from './faults.ts';
import { firstComplaint, oneOf, required, text, wholeNumber, type FieldRules } from './field-rules.ts';

const day = 86_400;
const maxBytes = 64 * 1024 * 1024;

const targetRules: FieldRules = {
  endpoint: oneOf('any', ...endpoints),
  count: {
    must: 'be a whole number from 1, or until-cleared',
    fits: (value) => value === 'until-cleared' || (Number.isSafeInteger(value) && (value as number) >= 1),
  },
  when: oneOf('before-commit', 'after-commit'),
  latencyMs: wholeNumber(0, day * 1_000),
};

const actionRules: Readonly<Record<FaultKind, FieldRules>> = {
  latency: { latencyMs: required(wholeNumber(0, day * 1_000)) },
  status: {
    status: required(wholeNumber(200, 599)),
    body: oneOf('error', 'html', 'empty', 'firewall'),
    errorCode: text,
  },
  reset: {},
  truncated: { when: oneOf('after-commit'), keepBytes: wholeNumber(0, maxBytes) },
  garbage: {},
  reshaped: {},
  oversized: { bytes: wholeNumber(1, maxBytes) },
  'rate-limited': { retryAfterSeconds: wholeNumber(0, 365 * day), retryAfterForm: oneOf('seconds', 'date') },
  redirect: { location: required(text), status: oneOf(301, 302, 303, 307, 308) },
  hang: {},
};

/** The fault, or a sentence that says what is wrong with it. */
export function parseFault(value: unknown): { readonly fault: Fault } | { readonly complaint: string } {
  if (typeof value !== 'object' || value === null) return { complaint: 'a fault is a JSON object' };
  const fields = value as Readonly<Record<string, unknown>>;
  const kinds = Object.keys(actionRules);
  if (!kinds.includes(fields['kind'] as string))
    return { complaint: `kind must be one of ${kinds.join(', ')}` };
  const rules = { kind: text, ...targetRules, ...actionRules[fields['kind'] as FaultKind] };
  const complaint = firstComplaint(fields, rules, 'this fault');
  return complaint === null ? { fault: value as Fault } : { complaint };
}

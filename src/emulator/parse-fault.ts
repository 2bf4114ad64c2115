/** Checks a fault that came as JSON. Strict, so that a misspelled key does not make a test pass for the wrong reason. */
import { endpoints } from './api.ts';
import type { Fault, FaultKind } from './faults.ts';

/** What a field has to be, in words; the check itself. */
interface FieldRule {
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
  readonly required?: true;
}

const oneOf = (...values: readonly (string | number)[]): FieldRule => ({
  must: `be one of ${values.join(', ')}`,
  fits: (value) => values.includes(value as string),
});

const wholeNumber = (least: number, most: number): FieldRule => ({
  must: `be a whole number from ${least} to ${most}`,
  fits: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
});

const text: FieldRule = {
  must: 'be a non-empty text',
  fits: (value) => typeof value === 'string' && value !== '',
};

const required = (rule: FieldRule): FieldRule => ({ ...rule, required: true });

const day = 86_400;
const maxBytes = 64 * 1024 * 1024;

const targetRules: Readonly<Record<string, FieldRule>> = {
  endpoint: oneOf('any', ...endpoints),
  count: {
    must: 'be a whole number from 1, or until-cleared',
    fits: (value) => value === 'until-cleared' || (Number.isSafeInteger(value) && (value as number) >= 1),
  },
  when: oneOf('before-commit', 'after-commit'),
  latencyMs: wholeNumber(0, day * 1_000),
};

const actionRules: Readonly<Record<FaultKind, Readonly<Record<string, FieldRule>>>> = {
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
  const complaint = firstComplaint(fields, rules);
  return complaint === null ? { fault: value as Fault } : { complaint };
}

function firstComplaint(
  fields: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, FieldRule>>,
): string | null {
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined)
    return `${unknown} is not a field of this fault; it has ${Object.keys(rules).join(', ')}`;
  for (const [name, rule] of Object.entries(rules)) {
    const value = fields[name];
    if (value === undefined ? rule.required === true : !rule.fits(value)) return `${name} must ${rule.must}`;
  }
  return null;
}

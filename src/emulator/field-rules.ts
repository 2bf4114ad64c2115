/** Checks of JSON that came from a person or a test. Strict, so that a misspelled key does not make a test pass for the wrong reason. */

/** What a field has to be, in words; the check itself. */
export interface FieldRule {
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
  readonly required?: true;
}

export type FieldRules = Readonly<Record<string, FieldRule>>;

export const oneOf = (...values: readonly (string | number | null)[]): FieldRule => ({
  must: `be one of ${values.map(String).join(', ')}`,
  fits: (value) => values.includes(value as string),
});

export const wholeNumber = (least: number, most: number): FieldRule => ({
  must: `be a whole number from ${least} to ${most}`,
  fits: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
});

export const text: FieldRule = {
  must: 'be a non-empty text',
  fits: (value) => typeof value === 'string' && value !== '',
};

export const texts: FieldRule = {
  must: 'be a list of non-empty texts',
  fits: (value) => Array.isArray(value) && value.every((item) => text.fits(item)),
};

export const yesOrNo: FieldRule = { must: 'be true or false', fits: (value) => typeof value === 'boolean' };

export const required = (rule: FieldRule): FieldRule => ({ ...rule, required: true });

/** The first thing that is wrong, as a sentence about `thing`; null where all fits. */
export function firstComplaint(
  fields: Readonly<Record<string, unknown>>,
  rules: FieldRules,
  thing: string,
): string | null {
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined)
    return `${unknown} is not a field of ${thing}; it has ${Object.keys(rules).join(', ')}`;
  for (const [name, rule] of Object.entries(rules)) {
    const value = fields[name];
    if (value === undefined ? rule.required === true : !rule.fits(value)) return `${name} must ${rule.must}`;
  }
  return null;
}

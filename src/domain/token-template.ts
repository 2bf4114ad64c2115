/** Templates of token files: text in which `{{field}}` stands for something of the token. No conditions, no code. */

export const templateFields = [
  'token',
  'header_name',
  'header_value',
  'expires_at',
  'expires_at_unix',
  'agent',
  'sequence',
] as const;

export type TemplateField = (typeof templateFields)[number];

/** What {@link templateProblem} lets pass, as a pattern: every `{{` begins a field, and one of them brings the token. */
export const templatePattern = String.raw`^(?=[\s\S]*\{\{ *(token|header_value) *\}\})((?!\{\{)[\s\S]|\{\{ *(${templateFields.join('|')}) *\}\})*$`;

/** What is wrong with a template; null where nothing is. */
export function templateProblem(template: string): string | null {
  const names = [...template.matchAll(opening)].map(([, name]) => name);
  if (!names.every(isField))
    return `"{{" does not begin a field here; the fields are ${templateFields.map((name) => `{{${name}}}`).join(', ')}`;
  if (names.includes('token') || names.includes('header_value')) return null;
  return 'the token is not in it; put {{token}} or {{header_value}} where it belongs';
}

/** For a template that {@link templateProblem} finds nothing wrong with. */
export function fillTemplate(template: string, values: Readonly<Record<TemplateField, string>>): string {
  return template.replaceAll(opening, (whole, name: string | undefined) =>
    isField(name) ? values[name] : whole,
  );
}

export function usesField(template: string, field: TemplateField): boolean {
  return [...template.matchAll(opening)].some(([, name]) => name === field);
}

const opening = /\{\{(?: *(\w+) *\}\})?/g;

function isField(name: string | undefined): name is TemplateField {
  return templateFields.some((field) => field === name);
}

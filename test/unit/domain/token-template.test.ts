import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateFields, templatePattern, templateProblem } from '../../../src/domain/token-template.ts';

const list = templateFields.map((name) => `{{${name}}}`).join(', ');
const noField = `"{{" does not begin a field here; the fields are ${list}`;
const noToken = 'the token is not in it; put {{token}} or {{header_value}} where it belongs';

describe('a template', () => {
  it.each([
    ['{{token}}', null],
    ['{{ token }}\n', null],
    ['{ "a": { "b": "{{header_value}}" }}', null],
    ['', noToken],
    ['{token}', noToken],
    ['for {{agent}}', noToken],
    ['{{tokens}}', noField],
    ['{{token}} {{Agent}}', noField],
    ['{{token}} {{constructor}}', noField],
    ['{{token}} {{', noField],
    ['{{{token}}}', noField],
    ['{{token\n}}', noField],
    ['{{token}}{{#if x}}', noField],
  ])('%j', (template, problem) => {
    expect(templateProblem(template)).toBe(problem);
  });

  it('is judged by the published pattern as by the program', () => {
    const parts = fc.constantFrom('{', '}', '{{', '}}', ' ', '\n', 'x', ...templateFields, '{{token}}');
    const templates = fc.array(parts, { maxLength: 8 }).map((found) => found.join(''));
    fc.assert(
      fc.property(templates, (template) => {
        const fits = new RegExp(templatePattern, 'u').test(template);
        expect(fits).toBe(templateProblem(template) === null);
      }),
      { numRuns: 1000 },
    );
  });
});

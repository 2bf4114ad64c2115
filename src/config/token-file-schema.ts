import * as v from 'valibot';
import { formatNames, type TokenFileFormat } from '../domain/token-file-content.ts';
import { templatePattern, templateProblem } from '../domain/token-template.ts';
import { expected } from './messages.ts';
import { choice, isMapping, issuePath, published, section } from './section.ts';
import { account, fileMode, type PathSchema } from './values.ts';

/** A file that always holds the current token. */
export function tokenFileSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        path,
        format: v.optional(choice(formatNames), 'bare'),
        secret_name: v.optional(secretName()),
        template: v.optional(template()),
        mode: v.optional(
          v.pipe(
            fileMode(),
            v.check(
              (mode) => (mode & 0o022) === 0,
              'a token file may be written by its owner only, such as "0640"',
            ),
            published({ pattern: '^0?[0-7][0145][0145]$' }),
          ),
          '0640',
        ),
        owner: v.optional(account('user')),
        group: v.optional(account('group')),
      },
      { examples: { path: '/run/tokenward/web-01.token' } },
    ),
    formatProblems(),
    publishedFormatRules(),
    v.transform(({ format, secret_name: name, template: text, ...file }) => ({
      ...file,
      format: formatOf(format, name ?? null, text ?? ''),
      owner: file.owner ?? null,
      group: file.group ?? null,
    })),
  );
}

function secretName() {
  const what = 'the name by which Envoy asks for the secret, such as web-01';
  return v.pipe(v.string(expected(what)), v.regex(/^[\w.:/@-]{1,255}$/, expected(what)));
}

function template() {
  return v.pipe(
    v.string(expected('a text with {{token}} in it')),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? templateProblem(dataset.value) : null;
      if (problem !== null) addIssue({ message: problem });
    }),
    published({ pattern: templatePattern }),
  );
}

/** Keys that say more about one format; with another they would have no effect. */
const keysOfOne = { secret_name: 'envoy-sds', template: 'template' } as const;

function formatProblems<File extends object>() {
  return v.rawCheck<File>(({ dataset, addIssue }) => {
    const file: unknown = dataset.value;
    if (!isMapping(file) || !formatNames.some((name) => name === file['format'])) return;
    for (const [key, format] of Object.entries(keysOfOne)) {
      if (file[key] === undefined || file['format'] === format) continue;
      const message = `has an effect with format: ${format} only; remove it, or set that format`;
      addIssue({ message, path: issuePath([key], 'key') });
    }
    if (file['format'] !== 'template' || file['template'] !== undefined) return;
    const message = `is missing; format: template needs it, for example template: "token = {{token}}"`;
    addIssue({ message, path: issuePath(['template'], 'key') });
  });
}

/** {@link formatProblems} for editors. */
function publishedFormatRules<File>() {
  return published<File>({
    allOf: formatNames.map((name) => ({
      if: { properties: { format: { const: name } }, ...(name !== 'bare' && { required: ['format'] }) },
      // eslint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: {
        ...(name === 'template' && { required: ['template'] }),
        properties: Object.fromEntries(
          Object.entries(keysOfOne).flatMap(([key, format]) => (format === name ? [] : [[key, false]])),
        ),
      },
    })),
  });
}

function formatOf(kind: TokenFileFormat['kind'], secretNamed: string | null, text: string): TokenFileFormat {
  switch (kind) {
    case 'envoy-sds':
      return { kind, secretName: secretNamed };
    case 'template':
      return { kind, template: text };
    default:
      return { kind };
  }
}

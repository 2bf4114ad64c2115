import * as v from 'valibot';
import { choice, published, section } from './section.ts';
import { account, fileMode, type PathSchema } from './values.ts';

/** A file that always holds the current token. */
export function tokenFileSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        path,
        format: v.optional(choice(['bare']), 'bare'),
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
    v.transform((file) => ({ ...file, owner: file.owner ?? null, group: file.group ?? null })),
  );
}

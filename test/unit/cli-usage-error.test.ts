import { describe, expect, it } from 'vitest';
import { usageError } from '../../src/cli/usage-error.ts';

const options = ['config', 'json', 'admin-token-file', 'policy', 'help'];

describe('usageError', () => {
  it.each([
    ['Unknown argument: jsno', 'unknown option --jsno; did you mean --json?'],
    ['Unknown arguments: jsno, jsNo', 'unknown option --jsno; did you mean --json?'],
    [
      'Unknown argument: admin-tokn-file',
      'unknown option --admin-tokn-file; did you mean --admin-token-file?',
    ],
    ['Unknown argument: wholly-different', 'unknown option --wholly-different'],
    ['Did you mean check?', 'unknown command; did you mean `tokenward check`?'],
    ['Unknown argument: j', 'unknown option -j; did you mean --json?'],
    ['Unknown argument: S', 'unknown option -S'],
    ['Not enough arguments following: config', 'the option --config needs a value'],
    ['Not enough non-option arguments: got 0, need at least 1', 'the name of the agent is missing'],
    [
      'Invalid values:\n  Argument: policy, Given: "x", Choices: "strict", "grace"',
      'the option --policy takes one of "strict", "grace"',
    ],
    ['unknown command', 'unknown command'],
  ])('%j becomes %j', (complaint, text) => {
    expect(usageError(complaint, null, options).message).toBe(`${text}; see \`tokenward --help\``);
  });

  it.each(['Unknown argument: sS3CRETx', 'Unknown argument: s3cr3t-t3xt'])(
    'does not repeat what may be a secret: %s',
    (complaint) => {
      expect(usageError(complaint, 'import', options).message).toBe(
        'unknown option; see `tokenward import --help`',
      );
    },
  );

  it('is the class of wrong usage', () => {
    expect(usageError('unknown command', null, options)).toMatchObject({ code: 'USAGE', exitCode: 64 });
  });
});

import { describe, expect, it } from 'vitest';
import { expand } from '../../src/config/environment.ts';

const env = { HOST: 'logs.example.com', EMPTY: '', NESTED: '${HOST}', _x1: 'y' };

describe('environment variables in values', () => {
  it.each([
    ['plain $HOST', 'plain $HOST'],
    ['https://${HOST}/x', 'https://logs.example.com/x'],
    ['${HOST}${_x1}', 'logs.example.comy'],
    ['[${EMPTY}]', '[]'],
    ['$${HOST}', '${HOST}'],
    ['$$${HOST}', '$${HOST}'],
    ['${NESTED}', '${HOST}'],
  ])('%s becomes %s', (text, expanded) => {
    expect(expand(text, env)).toEqual({ text: expanded });
  });

  it.each([
    [
      '${ABSENT}',
      'environment variable ABSENT is not set; set it where tokenward is started (Environment= in a systemd unit), or write the value itself here',
    ],
    [
      '${HOST} ${ABSENT}',
      'environment variable ABSENT is not set; set it where tokenward is started (Environment= in a systemd unit), or write the value itself here',
    ],
    ['${}', 'expected the name of an environment variable between "${" and "}"'],
    ['${HOST:-x}', 'expected the name of an environment variable between "${" and "}"'],
    ['${HOST', '"${" without its "}"; write "$${" for a plain "${"'],
  ])('%s is a problem', (text, problem) => {
    expect(expand(text, env)).toEqual({ problem });
  });
});

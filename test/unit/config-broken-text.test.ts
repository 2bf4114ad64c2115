import { describe, expect, it } from 'vitest';
import { problemsIn } from './config-problems.ts';

describe('a file that is no configuration at all', () => {
  it.each([
    ['', '1:1: the file is empty; start from config.example.yaml'],
    ['# agents:\n', '1:1: the file is empty; start from config.example.yaml'],
    ['hello', '1:1: expected a mapping (key: value), got text'],
    ['- agents', '1:1: expected a mapping (key: value), got a list'],
    ['agents:\n\ta: 1', '2:1: not valid YAML: a tab does not indent in YAML; use spaces'],
    ['log: {}\nlog: {}', '2:1: not valid YAML: this key stands here for the second time'],
    [
      'log:\n  level:info\n  x: 1',
      '2:3: not valid YAML: a key is one line and followed by ": "; is a colon missing, or the space after it?',
    ],
    [
      'log: level: info',
      '1:6: not valid YAML: a value with ": " in it needs quotes; a key of its own needs a line of its own',
    ],
    ['log: {level: ${LEVEL}}', '1:15: a value with ${...} within { } or [ ] needs quotes'],
    [
      'log: {level: info',
      '1:18: not valid YAML: the { before this is not closed by }, or its lines are not indented',
    ],
    [
      '  log: {}\n agents: {}',
      '2:2: not valid YAML: this does not belong here; check the indentation and the quotes',
    ],
    [
      'state_dir: !path /x',
      '1:12: not valid YAML: tags such as !name are not supported; a value that begins with ! needs quotes',
    ],
    [
      'state_dir: "C:\\data"',
      '1:15: not valid YAML: no such escape (\\) within double quotes; single quotes take everything as it is',
    ],
    ['state_dir: @x', '1:12: not valid YAML: plain value cannot start with reserved character @'],
    [
      'state_dir: *x',
      '1:12: state_dir: no anchor (&name) stands before this alias; a value that begins with * needs quotes',
    ],
    [
      '---\nlog: {}\n---\nlog: {}',
      '3:1: not valid YAML: a second document begins here; the configuration is one document',
    ],
    ['%YAML 9.9\n---\nlog: {}', '1:7: not valid YAML: only YAML 1.2 without directives is read here'],
    ['? [a]\n: 1', '1:3: not valid YAML: a key must be text'],
    ['- '.repeat(20_000), expect.stringMatching(/^1:\d+: not valid YAML: nested too deeply$/)],
    [
      `a: &a [${'x,'.repeat(20)}]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]`,
      '1:1: nested too deeply, or too many aliases',
    ],
  ])('%j', (text, problem) => {
    expect(problemsIn(text)).toEqual([problem]);
  });
});

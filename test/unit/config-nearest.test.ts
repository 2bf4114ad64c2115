import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const known = ['state_dir', 'shutdown_grace', 'refresh', 'url', 'cert_file', 'group', 'listeners'];

describe('the nearest known word', () => {
  it.each([
    ['refrsh', 'refresh'],
    ['refersh', 'refresh'],
    ['uri', 'url'],
    ['listners', 'listeners'],
    ['stateDir', 'state_dir'],
    ['state-dir', 'state_dir'],
    ['STATE_DIR', 'state_dir'],
    ['cert', 'cert_file'],
    ['shutdown', 'shutdown_grace'],
    ['group_name', 'group'],
    ['port', null],
    ['', null],
    ['x'.repeat(10_000), null],
  ])('%s is meant as %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

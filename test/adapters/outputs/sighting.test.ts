import { describe, expect, it } from 'vitest';
import { deviations, type Expected, type SeenFile } from '../../../src/outputs/sighting.ts';

const content = Buffer.from('token');
const seen: SeenFile = { kind: 'file', content, mode: 0o640, uid: 7, gid: 8 };
const expected: Expected = { content, mode: 0o640, uid: 7, gid: 8 };

describe('how a file differs from what is expected', () => {
  it.each([
    ['as expected', seen, []],
    ['gone', { kind: 'nothing' }, ['removed']],
    ['a link', { kind: 'symlink' }, ['replaced']],
    ['a folder', { kind: 'folder' }, ['replaced']],
    ['other content', { ...seen, content: Buffer.from('tokem') }, ['content']],
    ['truncated', { ...seen, content: Buffer.from('') }, ['content']],
    ['a newline more', { ...seen, content: Buffer.from('token\n') }, ['content']],
    ['not readable', { ...seen, content: null }, ['content']],
    ['other mode', { ...seen, mode: 0o644 }, ['mode']],
    ['a special bit more', { ...seen, mode: 0o4640 }, ['mode']],
    ['other user', { ...seen, uid: 1 }, ['owner']],
    ['other group', { ...seen, gid: 1 }, ['owner']],
    ['all at once', { ...seen, content: null, mode: 0, uid: 1, gid: 1 }, ['content', 'mode', 'owner']],
  ] as const)('%s', (_name, sighting, found) => {
    expect(deviations(sighting, expected)).toEqual(found);
  });

  it('takes any owner where none is expected', () => {
    expect(deviations({ ...seen, uid: 1, gid: 1 }, { ...expected, uid: null, gid: null })).toEqual([]);
    expect(deviations({ ...seen, uid: 1, gid: 1 }, { ...expected, uid: null })).toEqual(['owner']);
  });
});

import { describe, expect, it } from 'vitest';
import { allows, obstacleOn, readBit, writeBit } from '../../../src/doctor/access.ts';
import { type Allowed, judgeSocket, type SocketFacts } from '../../../src/doctor/judge-sockets.ts';
import { names, node, told } from './lines.ts';

describe('a mode', () => {
  const file = node('/f', 0o640, 1_000, 4);
  it.each([
    ['its owner, even in no group', { uid: 1_000, gids: [] }, true, true],
    ['a member of its group', { uid: 7, gids: [9, 4] }, true, false],
    ['somebody else', { uid: 7, gids: [9] }, false, false],
    ['root', { uid: 0, gids: [] }, true, true],
    ['a member of whom nothing else is known', { uid: null, gids: [4] }, true, false],
  ])('is judged for %s', (_who, subject, reads, writes) => {
    expect([allows(file, subject, readBit), allows(file, subject, writeBit)]).toEqual([reads, writes]);
  });

  it('counts for its owner only as far as the owner may, whatever others may', () => {
    expect(allows(node('/f', 0o077, 7), { uid: 7, gids: [] }, readBit)).toBe(false);
  });

  it('of a folder on the way is in the way before what is at the end', () => {
    const way = [node('/', 0o755), node('/a', 0o700), node('/a/f', 0o600)];
    const subject = { uid: 7, gids: [] };
    expect(obstacleOn(way, subject, readBit)).toEqual({ node: way[1], lacks: 'passage' });
    expect(obstacleOn([way[0]!, node('/f', 0o600)], subject, readBit)).toMatchObject({ lacks: 'end' });
    expect(obstacleOn(way, { uid: 0, gids: [] }, readBit)).toBeNull();
  });
});

const path = '/run/tokenward/tokenward.sock';
const open = [node('/', 0o755), node('/run', 0o755), node('/run/tokenward', 0o755, 990, 990)];
const closed = (mode: number, gid: number) => [open[0]!, open[1]!, node('/run/tokenward', mode, 990, gid)];

const socket = (facts: Partial<SocketFacts>): SocketFacts => ({
  path,
  at: 'listeners[0]',
  folders: open,
  isWhole: true,
  socket: node(path, 0o660, 990, 4),
  exists: true,
  ...facts,
});

const adm: Allowed = { kind: 'group', account: 'adm', subject: { uid: null, gids: [4] } };
const users: Allowed = { kind: 'group', account: 'users', subject: { uid: null, gids: [100] } };
const fluent: Allowed = { kind: 'user', account: 'fluent', subject: { uid: 1_000, gids: [1_000] } };
const root: Allowed = { kind: 'user', account: 'root', subject: { uid: 0, gids: [0] } };

describe('a socket', () => {
  it.each<[string, Partial<SocketFacts>, Allowed, string]>([
    ['for its group', {}, adm, 'ok socket-access: the members of adm can connect'],
    ['for root, always', { folders: closed(0o700, 990) }, root, 'ok socket-access: root can connect'],
    [
      'behind a folder whose group may pass, for a user',
      { folders: closed(0o750, 990) },
      fluent,
      'failing socket-access: fluent cannot reach it: /run/tokenward (0750 tokenward:tokenward) is in the way → usermod -aG tokenward fluent (PEER_DENIED)',
    ],
    [
      'behind a folder that is for its owner',
      { folders: closed(0o700, 990) },
      fluent,
      'failing socket-access: fluent cannot reach it: /run/tokenward (0700 tokenward:tokenward) is in the way → chmod o+x /run/tokenward (PEER_DENIED)',
    ],
    [
      "behind a folder of another group, for a group's members",
      { folders: closed(0o750, 990) },
      adm,
      'failing socket-access: the members of adm cannot reach it: /run/tokenward (0750 tokenward:tokenward) is in the way → chmod o+x /run/tokenward (PEER_DENIED)',
    ],
    [
      'behind a folder of the group root, which nobody should join',
      { folders: closed(0o750, 0) },
      fluent,
      'failing socket-access: fluent cannot reach it: /run/tokenward (0750 tokenward:root) is in the way → chmod o+x /run/tokenward (PEER_DENIED)',
    ],
    [
      'of a group that the user is not in',
      {},
      fluent,
      'failing socket-access: fluent may not connect to it: it is 0660 tokenward:adm → usermod -aG adm fluent (PEER_DENIED)',
    ],
    [
      'for its owner only, for a user',
      { socket: node(path, 0o600, 990, 990), exists: false },
      fluent,
      'failing socket-access: fluent may not connect to it: it is 0600 tokenward:tokenward, as it will be made → set a group that fluent is in, and mode: "0660", at listeners[0], and restart the daemon (PEER_DENIED)',
    ],
    [
      'of another group, for a group',
      {},
      users,
      'failing socket-access: the members of users may not connect to it: it is 0660 tokenward:adm → set group: users and mode: "0660" at listeners[0], and restart the daemon (PEER_DENIED)',
    ],
    [
      'whose folder is missing',
      { folders: [open[0]!, open[1]!], isWhole: false, exists: false },
      adm,
      'warning socket-access: a part of the way to it is missing or hidden from us, so it cannot be told whether the members of adm can reach it → make the folder, or look as root: sudo tokenward doctor',
    ],
  ])('%s', (_what, facts, allowed, line) => {
    expect(told(judgeSocket(socket(facts), allowed, names))).toBe(line);
  });
});

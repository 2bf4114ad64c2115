import { describe, expect, it } from 'vitest';
import {
  judgeAbsence,
  judgeGroup,
  judgePath,
  judgeStateDir,
  judgeStateFiles,
  type PathNeed,
} from '../../../src/doctor/judge-paths.ts';
import type { WayTo } from '../../../src/doctor/probe-paths.ts';
import { names, node, service, told } from './lines.ts';

const owner = { service, names };
const top = node('/', 0o755);
const etc = node('/etc', 0o755);

function way(path: string, nodes: WayTo['nodes'], rest: Partial<WayTo> = {}): WayTo {
  return { path, nodes, exists: true, hidden: false, ...rest };
}

const need = (given: Partial<PathNeed>): PathNeed => ({
  role: 'the CA file',
  path: '/etc/ca.pem',
  to: 'read',
  secret: false,
  agents: [],
  ...given,
});

describe('a file that is read', () => {
  it.each<[string, Partial<PathNeed>, WayTo, string]>([
    [
      'by everybody',
      {},
      way('/etc/ca.pem', [top, etc, node('/etc/ca.pem', 0o644)]),
      'ok path-access: the CA file: tokenward can read it',
    ],
    [
      'by root only',
      {},
      way('/etc/ca.pem', [top, etc, node('/etc/ca.pem', 0o600)]),
      'failing path-access: the CA file: tokenward cannot read it; /etc/ca.pem (0600 root:root) is in the way → chgrp tokenward /etc/ca.pem && chmod g+r /etc/ca.pem',
    ],
    [
      'that is a key of root',
      { role: 'the key file', path: '/etc/key', secret: true },
      way('/etc/key', [top, etc, node('/etc/key', 0o600)]),
      'failing path-access: the key file: tokenward cannot read it; /etc/key (0600 root:root) is in the way → chown tokenward /etc/key',
    ],
    [
      'behind a closed folder',
      {},
      way('/etc/x/ca.pem', [top, etc, node('/etc/x', 0o700), node('/etc/x/ca.pem', 0o644)]),
      'failing path-access: the CA file: tokenward cannot read it; /etc/x (0700 root:root) is in the way → chmod o+x /etc/x',
    ],
    [
      'that is missing',
      {},
      way('/etc/ca.pem', [top, etc], { exists: false }),
      'failing path-access: the CA file is missing → put the CA file at /etc/ca.pem, or correct the path',
    ],
    [
      'that we cannot see',
      {},
      way('/etc/ca.pem', [top, etc], { exists: false, hidden: true }),
      'warning path-access: the CA file is hidden from us → look as root or as that user: sudo -u tokenward tokenward doctor',
    ],
  ])('%s', (_what, given, found, line) => {
    expect(told(judgePath(need(given), found, owner))).toBe(line);
  });
});

describe('a file that may be missing', () => {
  it('is missing', () => {
    const line = judgeAbsence({ role: 'the secret file', path: '/run/s', secret: true, agents: [] });
    expect(told(line)).toBe('ok path-access: the secret file is not there, and need not be');
  });
});

describe('a file that is replaced', () => {
  const token = need({ role: 'the token file', path: '/run/x/token', to: 'replace' });
  it.each<[string, WayTo, string]>([
    [
      'in a folder of its user',
      way('/run/x', [top, node('/run/x', 0o755, 990)]),
      'ok path-access: the token file: tokenward can replace it',
    ],
    [
      'in a folder of another',
      way('/run/x', [top, node('/run/x', 0o755, 1_000)]),
      'failing path-access: the token file: tokenward cannot replace it; /run/x (0755 fluent:root) is in the way → chown tokenward /run/x',
    ],
    [
      'in a folder of the system',
      way('/run', [top, node('/run', 0o755)]),
      'failing path-access: the token file: tokenward cannot replace it; /run (0755 root:root) is in the way → choose a folder of its own for it: install -d -o tokenward -m 0755 /run/tokenward',
    ],
    [
      'in a folder that is missing',
      way('/run/x', [top], { exists: false }),
      'failing path-access: the folder /run/x of the token file is missing → install -d -o tokenward -m 0755 /run/x (in a systemd unit: RuntimeDirectory=x)',
    ],
  ])('%s', (_what, found, line) => {
    expect(told(judgePath(token, found, owner))).toBe(line);
  });
});

describe('the state folder', () => {
  const state = '/var/lib/tokenward';
  it.each<[string, WayTo, string]>([
    [
      'as it should be',
      way(state, [top, node(state, 0o700, 990, 990)]),
      'ok state-dir: 0700 tokenward:tokenward',
    ],
    [
      'that others may enter',
      way(state, [top, node(state, 0o755, 990, 990)]),
      `warning state-dir: 0755 tokenward:tokenward: others than its owner may look into it → chmod 0700 ${state}`,
    ],
    [
      'of another user',
      way(state, [top, node(state, 0o700)]),
      `failing state-dir: tokenward cannot use it; ${state} (0700 root:root) is in the way → chown -R tokenward ${state} (STATE_DIR_UNUSABLE)`,
    ],
    [
      'behind a closed folder',
      way(state, [top, node('/var', 0o750), node(state, 0o700, 990)]),
      'failing state-dir: tokenward cannot use it; /var (0750 root:root) is in the way → chmod o+x /var (STATE_DIR_UNUSABLE)',
    ],
    [
      'not there yet',
      way(state, [top], { exists: false }),
      'ok state-dir: not there yet; made at the first start',
    ],
    [
      'hidden',
      way(state, [top], { exists: false, hidden: true }),
      'warning state-dir: it is hidden from us → look as root or as that user: sudo -u tokenward tokenward doctor',
    ],
  ])('%s', (_what, found, line) => {
    expect(told(judgeStateDir(found, owner))).toBe(line);
  });

  it.each([
    [
      node('/var/lib', 0o755),
      'failing state-dir: tokenward cannot use it; /var/lib (0755 root:root) is in the way',
    ],
    [
      node('/var/lib', 0o777, 990, 990),
      'warning state-dir: 0777 tokenward:tokenward: others than its owner may look into it',
    ],
  ])('that many programs share is given to none of them: %#', (shared, found) => {
    const line = told(judgeStateDir(way('/var/lib', [top, shared]), owner));
    const mend = 'name a folder of its own in the configuration: state_dir: /var/lib/tokenward';
    expect(line.replace(/ \(STATE_DIR_UNUSABLE\)$/, '')).toBe(`${found} → ${mend}`);
  });

  it('that many programs share keeps what others have in it', () => {
    const foreign = node('/var/lib/dpkg/status', 0o644);
    const open = node('/var/lib/x', 0o644, 990, 990);
    for (const nodes of [[foreign], [open]])
      expect(told(judgeStateFiles('/var/lib', nodes, owner))).toMatch(
        /→ name a folder of its own in the configuration: state_dir: \/var\/lib\/tokenward( |$)/,
      );
  });

  const key = node(`${state}/wrapping.key`, 0o600, 990, 990);
  it.each([
    ['nothing', [], 'ok state-files: nothing in it yet'],
    ['its own', [key], 'ok state-files: nobody but tokenward may use what is in it (entries: 1)'],
    [
      'what a command made as root',
      [key, node(`${state}/agents/a`, 0o700), node(`${state}/agents/a/journal.sealed`, 0o600)],
      `failing state-files: 2 entries belong to another user than tokenward: ${state}/agents/a (0700 root:root) → chown -R tokenward ${state} (STATE_DIR_UNUSABLE)`,
    ],
    [
      'what others may read',
      [node(`${state}/wrapping.key`, 0o644, 990, 990)],
      `warning state-files: others than tokenward may use ${state}/wrapping.key (0644 tokenward:tokenward) → chmod -R go= ${state}`,
    ],
  ])('with %s in it', (_what, nodes, line) => {
    expect(told(judgeStateFiles(state, nodes, owner))).toBe(line);
  });
});

it.each([
  [4, 'ok file-group: tokenward may give it to the group adm'],
  [
    0,
    'warning file-group: tokenward is not in the group root, and so may not give it to that group → usermod -aG root tokenward, and restart the daemon',
  ],
])('a file for the group %d', (gid, line) => {
  expect(told(judgeGroup('/run/x/token', gid, [], owner))).toBe(line);
});

import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/config/check.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { createAuthority, issueLeaf } from '../../../src/emulator/certificates.ts';
import { howToMake } from '../../../src/platform/folder-advice.ts';
import { context, findingsFor as findingsIn, type Parts } from './findings.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const isRoot = process.getuid?.() === 0;
const validity = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2028-01-01T00:00:00Z') };
const authority = createAuthority('test authority', validity);
const leaf = issueLeaf(authority, { commonName: 'web-01', usage: 'client', validity });
const pem = {
  ca: folder.write('ca.pem', authority.cert),
  cert: folder.write('client.pem', leaf.cert),
  key: folder.write('client.key', leaf.key),
};

const findingsFor = (parts: Parts) => findingsIn(folder.path, parts);

const codesFor = async (text: string) => {
  const findings = await checkConfig(parseConfig(text, '/config.yaml', {}), context);
  return findings.map(({ code, message }) => `${code} ${message}`);
};

const agentWith = (store: string) =>
  `{ provider: vcf-logs, url: https://logs.example.com, secret: { store: ${store} } }`;

describe('a host that is ready', () => {
  it('gives no findings, even where nothing has been made yet', async () => {
    const parts = {
      top: 'state_dir: not-yet-made',
      agent: `tls: { ca_file: ${pem.ca}, cert_file: ${pem.cert}, key_file: ${pem.key} }, files: [{ path: t, owner: root, group: "0" }]`,
      listeners:
        '[{ unix: s, owner: 0, group: root, allow: [{ user: root, may: [token] }] }, { tcp: "127.0.0.1:9464", serves: [health] }]',
    };
    expect(await findingsFor(parts)).toEqual([]);
  });

  it('gives none where a token file and a socket are there from before', async () => {
    folder.write('before.token', 'x');
    const server = createServer().listen(join(folder.path, 'before.sock'));
    await once(server, 'listening');
    const listeners = '[{ unix: before.sock, allow: [{ user: root, may: [token] }] }]';
    expect(await findingsFor({ agent: 'files: [{ path: before.token }]', listeners })).toEqual([]);
    server.close();
  });
});

const f5 = (end: string) =>
  `state_dir: ${folder.path}
allow_ephemeral: true
agents: { api: { provider: f5-xc, url: https://edge.example.com, expires_at: ${end}, probe: { path: /a }, secret: { store: file } } }`;

describe('a credential with an end', () => {
  it.each([
    ['2027-01-01T00:00:01Z', []],
    [
      '2027-01-01T00:00:00Z',
      [
        'TOKEN_EXPIRING the credential of api ended at 2027-01-01T00:00:00.000Z; make another one at the server, set its end here, and run: tokenward import api',
      ],
    ],
  ])('%s, at the turn of that year', async (end, findings) => {
    expect(await codesFor(f5(end))).toEqual(findings);
  });
});

describe('the state folder', () => {
  it('is a file', async () => {
    const file = folder.write('file', '');
    const found = [`error STATE_DIR_UNUSABLE state_dir: ${file} is not a folder; choose another state_dir`];
    expect(await findingsFor({ top: `state_dir: ${file}` })).toEqual(found);
    expect(await findingsFor({ top: `state_dir: ${file}/below` })).toEqual(found);
  });

  it('has no folder to be made in', async () => {
    const state = join(folder.path, 'not', 'made');
    const text = `the folder of ${state} is missing, and is not made; ${howToMake(state, '0700')}`;
    expect(await findingsFor({ top: `state_dir: ${state}` })).toEqual([
      `error STATE_DIR_UNUSABLE state_dir: ${text}`,
    ]);
  });

  it.skipIf(isRoot)('cannot be written, or cannot be made', async () => {
    const locked = join(folder.path, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    expect(await findingsFor({ top: `state_dir: ${locked}` })).toEqual([
      `error STATE_DIR_UNUSABLE state_dir: cannot write to ${locked}: uid ${process.geteuid?.()} may not write to it; run tokenward as the user that may, or run: sudo chown -R ${process.geteuid?.()} ${locked}`,
    ]);
    expect(await findingsFor({ top: `state_dir: ${locked}/state` })).toEqual([
      `error STATE_DIR_UNUSABLE state_dir: cannot write to ${locked}: uid ${process.geteuid?.()} may not write to it; run: sudo install -d -m 0700 -o ${process.geteuid?.()} ${locked}/state`,
    ]);
  });

  it('lies in memory, which only stores that keep nothing may accept', async () => {
    const advice =
      'put state_dir on a disk or a persistent volume, or set allow_ephemeral: true and enrol again after each loss';
    const refused = `STATE_DIR_EPHEMERAL /dev/shm/state is on tmpfs, which forgets the secrets at a restart; ${advice}`;
    const state = 'state_dir: /dev/shm/state';
    expect(
      await codesFor(`${state}\nagents: { a: ${agentWith('keychain')}, b: ${agentWith('memory')} }`),
    ).toEqual([refused]);
    expect(await codesFor(`${state}\nagents: { b: ${agentWith('memory')} }`)).toEqual([]);
    expect(await codesFor(`${state}\nallow_ephemeral: true\nagents: { a: ${agentWith('file')} }`)).toEqual(
      [],
    );
  });
});

describe('folders, places and names', () => {
  const gone = join(folder.path, 'gone');
  it.each<[string, Parts, string]>([
    [
      'no folder for the socket',
      { listeners: '[{ unix: gone/s, peer_check: none }]' },
      `SOCKET_UNUSABLE listeners[0].unix: the folder of the socket ${gone}/s is missing; ${howToMake(gone, '0755')}`,
    ],
    [
      'no folder for the token file',
      { agent: 'files: [{ path: gone/t }]' },
      `OUTPUT_UNUSABLE agents.web-01.files[0].path: the folder of the token file ${gone}/t is missing; ${howToMake(gone, '0755')}`,
    ],
    [
      'no folder for the key file',
      { secret: '{ store: file, key_file: gone/k }' },
      `KEY_FILE_UNUSABLE agents.web-01.secret.key_file: the folder of the key file ${gone}/k is missing; ${howToMake(gone, '0700')}`,
    ],
    [
      'a file for a folder',
      { agent: 'files: [{ path: ca.pem/t }]' },
      `OUTPUT_UNUSABLE agents.web-01.files[0].path: ${pem.ca} is not a folder; choose another path for the token file`,
    ],
    [
      'a file in the place of the socket',
      { listeners: '[{ unix: ca.pem, peer_check: none }]' },
      `SOCKET_UNUSABLE listeners[0].unix: ${pem.ca} exists and is not a socket; move it away: mv ${pem.ca} ${pem.ca}.old, or choose another path`,
    ],
    [
      'a folder in the place of the token file',
      { agent: 'files: [{ path: . }]' },
      `OUTPUT_UNUSABLE agents.web-01.files[0].path: ${folder.path} exists and is not a file; move it away: mv ${folder.path} ${folder.path}.old, or choose another path`,
    ],
    [
      'an unknown owner',
      { agent: 'files: [{ path: t, owner: no-such-user }]' },
      'CONFIG_INVALID agents.web-01.files[0].owner: there is no user "no-such-user" on this host; correct it, or run: useradd --system no-such-user',
    ],
    [
      'an unknown group of the socket',
      { listeners: '[{ unix: s, group: no-such-group, peer_check: none }]' },
      'CONFIG_INVALID listeners[0].group: there is no group "no-such-group" on this host; correct it, or run: groupadd --system no-such-group',
    ],
    [
      'an unknown user who may',
      {
        listeners: '[{ unix: s, allow: [{ group: 0, may: [token] }, { user: no-such-user, may: [token] }] }]',
      },
      'CONFIG_INVALID listeners[0].allow[1].user: there is no user "no-such-user" on this host; correct it, or run: useradd --system no-such-user',
    ],
  ])('%s', async (_case, parts, finding) => {
    expect(await findingsFor(parts)).toEqual([`error ${finding}`]);
  });

  it('a link in the place of a token file', async () => {
    symlinkSync(pem.ca, join(folder.path, 'link.token'));
    expect(await findingsFor({ agent: 'files: [{ path: link.token }]' })).toEqual([
      expect.stringContaining('is not a file'),
    ]);
  });

  it('a rule for whom nobody can tell from others', async () => {
    const never = 'this namespace does not know, and is never allowed; name another';
    const allow = '[{ user: nobody, may: [token] }, { group: 65534, may: [token] }]';
    expect(await findingsFor({ listeners: `[{ unix: s, allow: ${allow} }]` })).toEqual([
      `warning PEER_DENIED listeners[0].allow[0].user: 65534 stands for every user that ${never} user`,
      `warning PEER_DENIED listeners[0].allow[1].group: 65534 stands for every group that ${never} group`,
    ]);
  });

  it('a socket that nobody may use', async () => {
    expect(await findingsFor({ listeners: '[{ unix: s }]' })).toEqual([
      'warning PEER_DENIED listeners[0].allow: nobody is allowed to use this socket; add an entry such as { user: root, may: [token, status, admin] }',
    ]);
  });
});

const dropped = (path: string) => ({ agent: `secret_file: ${path}` });

describe('a secret file', () => {
  it('may be there, or missing with its folder', async () => {
    expect(await findingsFor(dropped(folder.write('secret', 'violet\n', 0o644)))).toEqual([]);
    expect(await findingsFor(dropped('no/such/secret'))).toEqual([]);
  });

  it('is told where it could not be used', async () => {
    const path = folder.write('two-lines', 'violet\nindigo\n');
    expect(await findingsFor(dropped(path))).toEqual([
      `error SECRET_FILE_UNUSABLE agents.web-01.secret_file: the secret file ${path} has a line break or another control character in it; give it alone, on one line`,
    ]);
  });

  it.runIf(isRoot)('belongs to root or to the user that runs the daemon, whoever checks', async () => {
    const path = folder.write('of-another', 'violet\n');
    chownSync(path, 12_345, 0);
    expect(await findingsIn(folder.path, dropped(path), { uid: 12_345 })).toEqual([]);
    expect((await findingsFor(dropped(path))).join()).toContain('belongs to user 12345');
  });
});

import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { LineTerminal } from '../../support/line-terminal.ts';
import { plainEnv } from '../../support/run-program.ts';
import { adminToken } from '../emulator/https-emulator.ts';
import type { AdminRequest } from '../providers/admin-server.ts';
import { AdminStage, credentialFile } from './admin-stage.ts';
import { ended, main } from './stage.ts';

const revoke = `credentials revoke --yes ${credentialFile}`;

function namesOf({ body }: AdminRequest): readonly string[] {
  return (JSON.parse(body) as { name_selector: { names: string[] } }).name_selector.names;
}

/** Marks all but those whose name begins with `bad`; those that begin with `mute` are not mentioned. */
function marking(request: AdminRequest) {
  const names = namesOf(request).filter((name) => !name.startsWith('mute'));
  return {
    status: 200,
    body: {
      credentials_failed: names.filter((name) => name.startsWith('bad')),
      credentials_marked_for_deletion: names.filter((name) => !name.startsWith('bad')),
      error_message: 'in use',
    },
  };
}

describe('credentials revoke', () => {
  it('tells the end of each name, and its output is the input of the next run', async () => {
    await using site = await AdminStage.open(marking);
    site.stage.write('old.txt', '# old ones\na\nbad-1\n\nmute-1\na\n');
    const first = await site.run(`${revoke} --from-file old.txt`);
    expect(first).toMatchObject({
      code: 77,
      stdout: 'a\tmarked for deletion\nbad-1\tfailed: in use\nmute-1\tfailed: the server did not say\n',
    });
    expect(first.stderr).toMatch(/1 of the names came again/);
    expect(first.stderr).toMatch(
      /1 of 3 marked for deletion, 2 failed, 0 not sent; to go on, .*--from-file FILE` \(PARTLY_FAILED\)/,
    );
    site.stage.write('left.txt', first.stdout);
    await site.run(`${revoke} --from-file left.txt --json`);
    expect(site.server.requests.map(namesOf)).toEqual([
      ['a', 'bad-1', 'mute-1'],
      ['bad-1', 'mute-1'],
    ]);
    expect(site.server.requests[0]?.headers).toMatchObject({ authorization: `APIToken ${adminToken}` });
  });

  it('is a document for a program', async () => {
    await using site = await AdminStage.open(marking);
    const { code, stdout } = await site.run(`${revoke} --json a bad-1`);
    expect(code).toBe(77);
    expect(JSON.parse(stdout)).toEqual({
      agent: 'edge-01',
      server: site.server.url,
      done: 1,
      failed: 1,
      not_sent: 0,
      interrupted: false,
      results: [
        { name: 'a', result: 'marked_for_deletion', reason: null },
        { name: 'bad-1', result: 'failed', reason: 'in use' },
      ],
    });
  });

  it('sends nothing on a dry run, and nothing without a yes', async () => {
    await using site = await AdminStage.open(marking);
    const names = Array.from({ length: 12 }, (_, at) => `name-${at}`).join('\n');
    const dry = await site.run('credentials revoke - --dry-run', `edge-01\n${names}\n`);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toBe(
      `revoke 13 credentials at ${site.server.url}: edge-01, name-0, name-1, name-2, name-3, name-4, name-5, name-6, name-7, name-8 and 3 more
  this cannot be undone: they are disabled at once, and removed later
  edge-01 is an agent of this configuration, and may be the one that uses it
nothing was sent
`,
    );
    const refused = await site.run(`credentials revoke a ${credentialFile}`);
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(refused.stderr).toContain('add --yes to revoke them, or --dry-run only to look (USAGE)');
    expect(site.server.requests).toEqual([]);
  });

  it('revokes what has expired, of the type that is named', async () => {
    await using site = await AdminStage.open(() => ({
      status: 200,
      body: { credentials_marked_for_deletion: ['x', 'y'] },
    }));
    const { code, stdout } = await site.run(`${revoke} --expired --type API_TOKEN`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x\tmarked for deletion\ny\tmarked for deletion\n' });
    expect(JSON.parse(site.server.requests[0]?.body ?? '')).toEqual({
      expired_selector: { all: {}, credential_type: 'API_TOKEN' },
    });
  });

  it.each([
    ['--expired', /--expired needs the type of the credentials: --type API_CERTIFICATE \| /],
    ['--expired --type API_TOKEN a', /--expired takes no names/],
    ['a --type TOKEN', /--type takes one of "API_CERTIFICATE"/],
    [
      'a --agent logs-01',
      /logs-01 is of vcf-logs, which cannot revoke credentials; f5-xc can: name one of its agents with --agent: edge-01/,
    ],
    ['--from-file missing.txt', /cannot read the names from missing\.txt \(ENOENT\)/],
    ['--from-file bad.txt', /bad\.txt:2: has a tab in it, .*\n.*bad\.txt:3: has a control character/],
    ['', /no name is in what was given/],
  ])('refuses %j before anything is sent', async (args, told) => {
    await using site = await AdminStage.open(marking);
    site.stage.write('bad.txt', 'a\nb\tc\nd\u0007\n');
    const { code, stderr } = await site.run(`${revoke} ${args}`.trim());
    expect(code).toBe(64);
    expect(stderr).toMatch(told);
    expect(site.server.requests).toEqual([]);
  });

  it('never takes the credential on standard input for a name', async () => {
    await using site = await AdminStage.open(marking);
    const line = 'credentials revoke --dry-run --admin-token-file -';
    const { code, stdout, stderr } = await site.run(line, adminToken);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('standard input cannot be both the names and the credential');
    expect(stderr).not.toContain(adminToken);
  });

  it('prints all lines before it fails, however slowly they are read', async () => {
    await using site = await AdminStage.open(() => ({ status: 200, body: {} }));
    const names = Array.from({ length: 5_000 }, (_, at) => `a-name-of-some-length-${at}`);
    site.stage.write('old.txt', names.join('\n'));
    const line = `"$NODE" "$MAIN" ${revoke} --from-file old.txt | (sleep 2; tail -n 1)`;
    const { stdout } = await site.stage.shell(line);
    expect(stdout).toBe('a-name-of-some-length-4999\tfailed: the server did not say\n');
  });

  it('is patient with a server that asks for it, and not with one that refuses', async () => {
    await using site = await AdminStage.open((request, number) => {
      if (number === 1) return { status: 429, headers: { 'retry-after': '0' }, body: '"slowly"' };
      return number === 2 ? marking(request) : { status: 403, body: `"no ${adminToken} here"` };
    });
    const patient = await site.run(`${revoke} a`);
    expect(patient).toMatchObject({ code: 0, stdout: 'a\tmarked for deletion\n' });
    expect(patient.stderr).toMatch(/answered 429 "slowly"; .*; attempt 2 in 0s/);
    const refused = await site.run(`${revoke} a b`);
    expect(refused.code).toBe(77);
    expect(refused.stderr).toMatch(
      /answered 403 "no \[secret\] here"; use an admin credential .*\(SERVER_REFUSED\)/,
    );
    expect(refused.stdout).toMatch(/^a\tfailed: cannot revoke 2 credentials: .*\nb\tfailed: .*\n$/);
    expect(site.server.requests).toHaveLength(3);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s with the rest not sent', async (signal) => {
    await using site = await AdminStage.open((request, number) =>
      number === 1 ? marking(request) : { status: 503, headers: { 'retry-after': '60' }, body: '"later"' },
    );
    const names = Array.from({ length: 401 }, (_, at) => `name-${at}`);
    site.stage.write('old.txt', names.join('\n'));
    const child = site.stage.start(`${revoke} --from-file old.txt`.split(' '));
    child.stdin.end();
    const end = ended(child);
    await eventually(() => expect(site.server.requests).toHaveLength(2), { withinMs: 15_000 });
    child.kill(signal);
    const { code, stdout, stderr } = await end;
    expect(code).toBe(75);
    expect(stderr).toMatch(
      /interrupted: 200 of 401 marked for deletion, 200 failed, 1 not sent; .*\(INTERRUPTED\)/,
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('name-400\tnot sent');
  });
});

describe('credentials revoke at a terminal', () => {
  it('asks first, then for the credential, and shows how far it is and what is not done', async () => {
    await using site = await AdminStage.open(marking);
    const { folder, config } = site.stage;
    const names = Array.from({ length: 21 }, (_, at) => `name-${at}`).join(' ');
    await using terminal = new LineTerminal(
      `${process.execPath} ${main} credentials revoke bad-1 ${names}; echo code=$?`,
      { cwd: folder, env: { ...plainEnv, TOKENWARD_CONFIG: config, SHELL: '/bin/sh', TERM: 'xterm' } },
    );
    await terminal.shows(/revoke 22 credentials at .*cannot be undone.*revoke them now\? \[y\/N\] /s);
    terminal.type('y\r');
    await terminal.shows(/credential of the administrator: $/);
    expect(site.server.requests).toEqual([]);
    terminal.type(`${adminToken}\r`);
    await terminal.shows(/code=77/);
    expect(terminal.screen).toContain('[##############################] 22 of 22, 1 failed');
    expect(terminal.screen).toMatch(/bad-1\s+failed: in use/);
    expect(terminal.screen).not.toMatch(/name-3|adm1n/);
  });

  it('sends nothing after a no', async () => {
    await using site = await AdminStage.open(marking);
    const { folder, config } = site.stage;
    await using terminal = new LineTerminal(
      `${process.execPath} ${main} credentials revoke a; echo code=$?`,
      { cwd: folder, env: { ...plainEnv, TOKENWARD_CONFIG: config, SHELL: '/bin/sh', TERM: 'xterm' } },
    );
    await terminal.shows(/\[y\/N\] /);
    terminal.type('n\r');
    await terminal.shows(/nothing was sent to the server \(DECLINED\)\s+code=77/);
    expect(site.server.requests).toEqual([]);
  });
});

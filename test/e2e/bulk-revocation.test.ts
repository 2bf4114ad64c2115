import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startAdminServer } from '../adapters/providers/admin-server.ts';
import { plainEnv, runProgram } from '../support/run-program.ts';

interface Answer {
  readonly credentials_failed: readonly string[];
  readonly credentials_marked_for_deletion: readonly string[];
  readonly error_message: string;
}

it('revokes 450 credentials with 3 requests, and goes on from what it printed until all are done', async () => {
  const marked = new Set<string>();
  const sizes: number[] = [];
  // every seventh fails the first time, and every tenth of all is not mentioned then
  const answer = (names: readonly string[]): Answer => {
    const isFirstRun = sizes.length <= 3;
    const left = isFirstRun ? names.filter((name) => !name.endsWith('0')) : names;
    const failed = isFirstRun ? left.filter((name) => Number(name.slice(3)) % 7 === 0) : [];
    const done = left.filter((name) => !failed.includes(name));
    for (const name of done) marked.add(name);
    return { credentials_failed: failed, credentials_marked_for_deletion: done, error_message: 'in use' };
  };
  await using server = await startAdminServer(({ body }) => {
    const { name_selector: selector } = JSON.parse(body) as { name_selector: { names: string[] } };
    sizes.push(selector.names.length);
    return { status: 200, body: answer(selector.names) };
  });
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-revoke-'));
  const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  const revoke = async (list: string) => {
    const args = ['credentials', 'revoke', '--yes', '--admin-token-file', 'admin.token', '--from-file', list];
    const env = { ...plainEnv, TOKENWARD_CONFIG: 'config.yaml' };
    return runProgram(inject('node'), [inject('program'), ...args], { cwd: folder, env });
  };
  try {
    await write(
      'config.yaml',
      `state_dir: ./state
agents:
  edge-01:
    provider: f5-xc
    url: "${server.url}"
    secret: { store: memory }
    expires_at: "2099-01-01T00:00:00Z"
    probe: { path: /api/web/namespaces }
`,
    );
    await write('admin.token', 'the-administrator\n');
    const names = Array.from({ length: 450 }, (_, at) => `ci-${at + 1}`);
    await write('all.txt', names.join('\n'));
    const first = await revoke('all.txt');
    expect({ exitCode: first.exitCode, sizes }).toEqual({ exitCode: 77, sizes: [200, 200, 50] });
    const lines = first.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split('\t')[0])).toEqual(names);
    const failed = lines.filter((line) => line.includes('\tfailed: '));
    expect(failed).toHaveLength(450 - marked.size);
    expect(failed).toContain('ci-7\tfailed: in use');
    expect(failed).toContain('ci-10\tfailed: the server did not say');

    await write('printed.txt', first.stdout);
    const second = await revoke('printed.txt');
    expect(second).toMatchObject({ exitCode: 0 });
    expect(sizes).toEqual([200, 200, 50, failed.length]);
    expect(marked).toEqual(new Set(names));

    await write('printed.txt', second.stdout);
    const third = await revoke('printed.txt');
    expect(third).toMatchObject({ exitCode: 0, stdout: '' });
    expect(third.stderr).toContain('nothing is left to revoke');
    expect(sizes).toHaveLength(4);
    expect(first.stdout + first.stderr + second.stdout).not.toContain('the-administrator');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/parse.ts';
import { Installation } from '../support/installation.ts';
import { plainEnv, runProgram } from '../support/run-program.ts';
import { stepsOf } from './operations/walk-through.ts';

/** The loop of docs/fleet.md as it is written, for three hosts, and one of them with what the loop brought. */

const page = await readFile(join(import.meta.dirname, '../../docs/fleet.md'), 'utf8');

function shown(path: string): string {
  const [, content = ''] = new RegExp(`^\`${path}\`:\n\n\`\`\`yaml\n(.*?)^\`\`\`$`, 'ms').exec(page) ?? [];
  return content;
}

const enrolmentPath = '/etc/tokenward/enrolment.yaml';

it('the loop makes a secret for each host, goes on where it was broken off, and the host takes it', async () => {
  await using site = await Installation.create();
  const { folder } = site;
  const enrolment = join(folder, 'enrolment.yaml');
  const config = shown(enrolmentPath)
    .replace('https://logs.example.com', site.emulator.url)
    .replace('/etc/tokenward/ca.pem', site.caFile);
  await writeFile(enrolment, config, { mode: 0o600 });
  await writeFile(join(folder, 'hosts.txt'), 'web-01\nweb-02\nweb-03\n');
  await writeFile(join(folder, 'admin.token'), await readFile(site.adminTokenFile), { mode: 0o600 });
  await mkdir(join(folder, 'bin'));
  const program = join(folder, 'bin/tokenward');
  await writeFile(program, `#!/bin/sh\nexec "${inject('node')}" "${inject('program')}" "$@"\n`);
  await chmod(program, 0o755);
  const [loop] = stepsOf(page);
  const script = loop?.commands.replace(enrolmentPath, enrolment) ?? '';
  const env = { ...plainEnv, PATH: `${join(folder, 'bin')}:${plainEnv.PATH}`, HOME: folder };
  const turn = () => runProgram('bash', ['--norc', '-euc', script], { cwd: folder, env });

  expect(await turn()).toMatchObject({ exitCode: 0, stderr: '' });
  const secrets = join(folder, 'secrets');
  expect((await readdir(secrets)).toSorted()).toEqual(['web-01', 'web-02', 'web-03']);
  expect((await stat(join(secrets, 'web-01'))).mode & 0o777).toBe(0o600);
  const kept = await readFile(join(secrets, 'web-01'), 'utf8');

  // As after a loop that was broken off; the name is taken at the server, and the host is told of.
  await rm(join(secrets, 'web-02'));
  const second = await turn();
  expect(second.exitCode).toBe(0);
  expect(second.stdout).not.toContain('web-01');
  expect((await readFile(join(secrets, 'web-01'), 'utf8')) === kept).toBe(true);
  expect(await readFile(join(folder, 'failed.txt'), 'utf8')).toBe('web-02\n');

  expect(await site.cli(['import', 'web-01'], { stdin: kept })).toMatchObject({ exitCode: 0 });
  site.run();
  await site.reaches({ state: 'active' });
});

it('the configurations are ones that tokenward takes', () => {
  expect(parseConfig(shown(enrolmentPath), 'enrolment.yaml', {}).agents).toHaveLength(1);
  const data = parse(shown('user-data.yaml')) as { write_files: { path: string; content: string }[] };
  const [config] = data.write_files;
  expect(config?.path).toBe('/etc/tokenward/config.yaml');
  const { agents } = parseConfig(config?.content ?? '', 'config.yaml', {});
  expect(agents[0]?.secretFile).toBe(data.write_files[1]?.path);
  const [play] = parse(shown('enrol.yaml')) as { tasks: Record<string, unknown>[] }[];
  expect(play?.tasks.map(({ name }) => name)).toEqual(['Configuration', 'Hand over the first secret']);
});

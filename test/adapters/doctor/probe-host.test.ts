import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeSync } from '../../../src/doctor/judge-disk.ts';
import { probeSpace, probeSync } from '../../../src/doctor/probe-disk.ts';
import { everythingIn, wayTo } from '../../../src/doctor/probe-paths.ts';
import { environmentOf, probeUnit, startOf } from '../../../src/doctor/probe-unit.ts';
import { findServiceUser } from '../../../src/doctor/service-user.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { Disk } from '../../../src/ports/disk.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { firstLine } from '../platform/fixtures/processes.ts';

/** What is asked of this host: its files, disks and processes. */

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const self = { uid: process.geteuid?.() ?? 0, gids: [process.getegid?.() ?? 0] };
const agents = [{ name: 'web-01' }] as unknown as Parameters<typeof findServiceUser>[0]['agents'];

describe('the way to a path', () => {
  it('leads through every folder, symbolic links resolved', async () => {
    mkdirSync(join(folder, 'real'), { mode: 0o750 });
    writeFileSync(join(folder, 'real/file'), '', { mode: 0o640 });
    symlinkSync('real', join(folder, 'link'));
    const way = await wayTo(join(folder, 'link/file'));
    expect(way).toMatchObject({ exists: true, hidden: false });
    expect(way.nodes[0]).toMatchObject({ path: '/' });
    expect(way.nodes.slice(-2)).toEqual([
      { path: join(folder, 'real'), uid: self.uid, gid: self.gids[0], mode: 0o750 },
      { path: join(folder, 'real/file'), uid: self.uid, gid: self.gids[0], mode: 0o640 },
    ]);
  });

  it('ends where nothing is', async () => {
    const way = await wayTo(join(folder, 'missing/file'));
    expect(way).toMatchObject({ exists: false, hidden: false });
    expect(way.nodes.at(-1)).toMatchObject({ path: folder });
  });

  it('is not followed in a circle through what lies in a folder', async () => {
    mkdirSync(join(folder, 'a'));
    symlinkSync('..', join(folder, 'a/up'));
    const paths = (await everythingIn(folder)).map(({ path }) => path.slice(folder.length));
    expect(paths).toEqual(['', '/a', '/a/up']);
  });
});

describe('the disk', () => {
  const probe = {
    disk: systemDisk,
    random: systemRandom,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  };

  it('has room, of the nearest folder that exists, and a speed', async () => {
    const missing = join(folder, 'state');
    const space = await probeSpace(missing, 'state');
    expect(space).toMatchObject({ folder: missing, asked: folder, holds: 'state' });
    expect(space.bytes).toBeGreaterThan(space.bytesFree);
    const { times } = await probeSync(folder, probe);
    expect(times).toHaveLength(5);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['hangs', () => new Promise<never>(() => {}), 'ETIMEDOUT'],
    ['breaks', () => Promise.reject(Object.assign(new Error('no'), { code: 'EIO' })), 'EIO'],
  ])('that %s keeps nobody waiting, and nothing stays', async (_how, rename, errno) => {
    const disk: Disk = { ...systemDisk, rename };
    const facts = await probeSync(folder, { ...probe, disk, timeoutMs: 200 });
    expect(facts.times).toEqual({ errno });
    expect(judgeSync(facts).status).toBe('failing');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is left as it was where the user gives up', async () => {
    const interruption = new AbortController();
    const disk: Disk = {
      ...systemDisk,
      async syncFolder() {
        interruption.abort();
        return new Promise(() => {});
      },
    };
    await probeSync(folder, { ...probe, disk, signal: interruption.signal });
    expect(readdirSync(folder)).toEqual([]);
  });
});

const locker = join(import.meta.dirname, '../platform/fixtures/hold-lock.ts');

describe('the user that runs the daemon', () => {
  it('is that of the process that has the lock, which is left alone', async () => {
    mkdirSync(join(folder, 'agents/web-01'), { recursive: true });
    const holder = spawn(process.execPath, [locker, join(folder, 'agents/web-01/lock')]);
    const [, child] = (await firstLine(holder)).split(' ');
    try {
      expect(await findServiceUser({ stateDir: folder, agents }, { proc: '/proc', self })).toMatchObject({
        uid: self.uid,
        known: 'by the running daemon',
        pid: holder.pid,
      });
    } finally {
      holder.kill('SIGKILL');
      process.kill(Number(child), 'SIGKILL');
      await once(holder, 'exit');
    }
    // the file that a killed process leaves says nothing
    expect(await findServiceUser({ stateDir: folder, agents }, { proc: '/proc', self })).toMatchObject({
      known: 'by the owner of state_dir',
      pid: null,
    });
  });

  it('is whoever asks where there is no state yet', async () => {
    const found = await findServiceUser(
      { stateDir: join(folder, 'missing'), agents },
      { proc: '/proc', self },
    );
    expect(found).toEqual({ ...self, known: 'as the user that asks', pid: null });
  });
});

describeRoot('the user that runs the daemon, seen by root,', () => {
  it('is the owner of the state folder', async () => {
    chownSync(folder, strangers.alice, strangers.bob);
    chmodSync(folder, 0o700);
    expect(await findServiceUser({ stateDir: folder, agents }, { proc: '/proc', self })).toEqual({
      uid: strangers.alice,
      gids: [strangers.bob],
      known: 'by the owner of state_dir',
      pid: null,
    });
  });
});

describe('a process', () => {
  it('has limits and a start, and of its environment what the daemon goes by', async () => {
    const env = { PATH: process.env['PATH'], HTTPS_PROXY: 'http://proxy:3128', SECRET_OF_OTHERS: 'x' };
    // no exec after the line: in the middle of one, a process has no environment
    const child = spawn('sh', ['-c', 'ulimit -Sn 300; echo ready; read -r _'], { env });
    await firstLine(child);
    try {
      const pid = child.pid ?? 0;
      const ours = { https_proxy: 'http://ours:1', LANG: 'C' };
      expect(await environmentOf(pid, '/proc', ours)).toEqual({
        HTTPS_PROXY: 'http://proxy:3128',
        LANG: 'C',
      });
      const facts = await probeUnit(pid, '/proc', process.env);
      expect(facts?.limits).toMatch(/^Max open files +300 /m);
      const started = await startOf(pid, '/proc');
      expect(Math.abs(Date.now() - (started?.getTime() ?? 0))).toBeLessThan(20_000);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('of a unit is asked about at systemd', async () => {
    const proc = join(folder, 'proc');
    mkdirSync(join(proc, '77'), { recursive: true });
    writeFileSync(join(proc, '77/limits'), 'Max open files 1 1 files\n');
    writeFileSync(join(proc, '77/cgroup'), '0::/system.slice/tokenward.service\n');
    const script = '#!/bin/sh\n[ "$5" = tokenward.service ] && [ "$1" = show ] && echo "1min 30s"\n';
    writeFileSync(join(folder, 'systemctl'), script, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    expect(await probeUnit(77, proc, env)).toMatchObject({
      unit: 'tokenward.service',
      stopTimeoutMs: 90_000,
    });
    writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await probeUnit(77, proc, env)).toMatchObject({ stopTimeoutMs: null });
  });

  it('that is gone says nothing', async () => {
    const proc = join(folder, 'none');
    expect(await probeUnit(77, proc, process.env)).toBeNull();
    expect(await startOf(77, proc)).toBeNull();
    expect(await environmentOf(77, proc, { https_proxy: 'http://ours:1' })).toEqual({
      https_proxy: 'http://ours:1',
    });
  });
});

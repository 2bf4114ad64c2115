import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partsRequired } from '../../support/part-list.ts';
import { missingFrom, outputsOf, scriptOf, stepsOf } from './walk-through.ts';

/**
 * docs/operations.md from its first command to its last, as written, on a host of its own: folders that it makes or changes are
 * its own, and so is its loopback.
 */

const root = join(import.meta.dirname, '../../..');

/** What the page's commands may change, laid over the real folders or put in their place. */
const preparation = `
set -eu
ip link set lo up
for folder in etc usr/local; do
  mkdir -p "$1/upper/$folder" "$1/scratch/$folder"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$1/upper/$folder,workdir=$1/scratch/$folder" "/$folder"
done
for folder in opt root run tmp var/lib var/log; do
  mkdir -p "$1/fresh/$folder"
  mount --bind "$1/fresh/$folder" "/$folder"
done
mkdir /run/lock
exec bash -c "$2"
`;

/** Milliseconds after which a page that waits for something is broken. */
const patienceMs = 100_000;

interface Walk {
  readonly exitCode: number | null;
  readonly output: string;
}

async function walk(script: string, host: string): Promise<Walk> {
  const flags = [
    '--mount',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'], '/usr/sbin', '/sbin'].join(':');
  const child = spawn('unshare', [...flags, 'sh', '-c', preparation, 'sh', host, script], {
    cwd: root,
    env: { PATH: path, HOME: '/root', LANG: 'C.UTF-8', npm_config_cache: '/tmp/npm' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(impatience);
  return { exitCode, output };
}

describe.skipIf(process.geteuid?.() !== 0 && !partsRequired)('docs/operations.md', () => {
  it('can be walked through, prints what it says, and leaves nothing', async () => {
    const host = await mkdtemp(join(tmpdir(), 'tokenward-day-'));
    try {
      const steps = stepsOf(await readFile(join(root, 'docs/operations.md'), 'utf8'));
      expect(steps.length).toBeGreaterThan(20);
      const { exitCode, output } = await walk(scriptOf(steps), host);
      const outputs = outputsOf(output);
      const reached = steps[outputs.length - 1];
      expect(exitCode, `in "${reached?.heading}":\n${reached?.commands}\n${output.slice(-4000)}`).toBe(0);
      for (const [index, { commands, told }] of steps.entries()) {
        const missing = missingFrom(outputs[index] ?? '', told);
        expect(missing, `${commands}\nprinted:${outputs[index]}`).toEqual([]);
      }
      for (const folder of ['opt', 'root', 'run/tokenward', 'var/lib', 'var/log'])
        expect([folder, await readdir(join(host, 'fresh', folder)).catch(() => [])]).toEqual([folder, []]);
      const ownedByThePage = ['etc/tokenward', 'usr/local/bin/tokenward', 'etc/bash_completion.d/tokenward'];
      for (const path of ownedByThePage)
        expect([path, existsSync(join(host, 'upper', path))]).toEqual([path, false]);
      const manPages = join(host, 'upper/usr/local/share/man');
      for (const section of ['man1', 'man5'])
        expect([section, await readdir(join(manPages, section))]).toEqual([section, []]);
      expect(output).not.toMatch(/Segmentation fault|core dumped/);
    } finally {
      await rm(host, { recursive: true, force: true });
    }
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Watching } from './watching.ts';

/** What `docs/waiting.md` tells users to type, typed. */

const page = await readFile(join(import.meta.dirname, '../../../docs/waiting.md'), 'utf8');

/** The shell example that holds these words, for the socket of the test. */
function example(words: string, { path }: Watching['daemon']): string {
  const examples = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, text = '']) => text);
  const found = examples.filter((text) => text.includes(words));
  expect(found).toHaveLength(1);
  return found.join('').replaceAll('/run/tokenward/tokenward.sock', path);
}

/** A shell at work on an example, in a group of its own, so that its curl ends with it. */
function shell(script: string) {
  const child = spawn('sh', ['-c', script], { detached: true });
  const ended = once(child, 'close');
  const at = { stdout: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (at.stdout += text));
  return {
    at,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}

it('the request gets the token that comes after the one it names', async () => {
  await using site = await Watching.begin();
  for (let sequence = 2; sequence <= 7; sequence += 1) site.agent.publish('older');
  await using running = shell(example('sequence=7&wait=30s', site.daemon));
  await eventually(async () => expect(await site.watchers('wait')).toBe(1));
  site.agent.publish('newer');
  expect(await running.ended).toEqual([0, null]);
  expect(JSON.parse(running.at.stdout)).toMatchObject({ access_token: 'newer', sequence: 8 });
});

it('the loop sees each rotation, and goes on after a time in which nothing came', async () => {
  await using site = await Watching.begin();
  await using running = shell(example('while', site.daemon));
  const waits = () => eventually(async () => expect(await site.watchers('wait')).toBe(1));
  await waits();
  site.agent.publish('second');
  await eventually(() => expect(running.at.stdout).toBe('token 1\ntoken 2\n'));
  await waits();
  site.daemon.clock.advance(60_000);
  await waits();
  site.agent.publish('third');
  await eventually(() => expect(running.at.stdout).toBe('token 1\ntoken 2\ntoken 3\n'));
});

it('the stream shows events as they come', async () => {
  await using site = await Watching.begin();
  await using running = shell(example('curl -N', site.daemon));
  await eventually(() => expect(running.at.stdout).toContain('"sequence":1'));
  site.agent.publish('second');
  await eventually(() => expect(running.at.stdout).toContain('"sequence":2'));
});

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hook } from '../../../../src/outputs/hooks/hook.ts';
import { eventually } from '../../../support/eventually.ts';
import { Runner, theToken } from './runner.ts';

let runner: Runner;

beforeEach(() => {
  runner = new Runner();
});
afterEach(() => runner[Symbol.asyncDispose]());

/** What a program left in the folder. */
const written = (name: string) => readFileSync(join(runner.folder, name), 'utf8');
const failing = (text: string, output = '') => ({
  ok: false,
  reason: expect.stringContaining(text) as unknown,
  output,
});

/** A shipper's control address, which answers so. */
async function shipper(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hook: Hook = {
    kind: 'http',
    method: 'POST',
    url: `http://127.0.0.1:${port}/api/v2/reload?a=b`,
    tls: {},
    timeoutMs: 10_000,
  };
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { hook, seen, port, [Symbol.asyncDispose]: close };
}

/** A hook that runs this script. */
const exec = (text: string, ...args: string[]): Hook => ({
  kind: 'exec',
  command: [runner.write('hook', `#!/bin/sh\n${text}\n`, 0o755), ...args],
  timeoutMs: 10_000,
});

describe('a request', () => {
  it('is as Fluent Bit wants it, and has succeeded with 2xx', async () => {
    await using fluentBit = await shipper((_, response) => response.end('{"reload":"done","status":0}'));
    expect(await runner.run(fluentBit.hook)).toEqual({ ok: true });
    expect(fluentBit.seen).toEqual(['POST /api/v2/reload?a=b application/json {}']);
  });

  it.each([
    [400, {}, 'answered 400; see to the url, and whether', '{"reload":"not enabled","status":-1}'],
    [302, { location: 'http://127.0.0.1:1/' }, 'redirects are not followed', ''],
    [503, {}, 'answered 503; look at it there', 'busy'],
  ])('has failed with %i', async (status, headers, reason, body) => {
    await using server = await shipper((_, response) => response.writeHead(status, headers).end(body));
    const result = await runner.run(server.hook);
    expect(result).toEqual(failing(reason, body));
    expect(server.seen).toHaveLength(1);
  });

  it('is given up when its time is over', async () => {
    await using server = await shipper(() => {});
    const impatience = new AbortController();
    const result = runner.run(server.hook, impatience.signal);
    await eventually(() => expect(server.seen).toHaveLength(1));
    impatience.abort();
    expect(await result).toEqual(failing('did not answer (aborted)'));
  });

  it('says so where nobody listens', async () => {
    const closed = await shipper(() => {});
    await closed[Symbol.asyncDispose]();
    expect(await runner.run(closed.hook)).toEqual(failing(`127.0.0.1:${closed.port}`));
  });
});

describe('a program', () => {
  it('is told by its environment, without the token, and its arguments are no shell’s', async () => {
    const env = { PATH: process.env['PATH'], SECRET: 'x', NODE_OPTIONS: '--no-warnings' };
    const hook = exec('env > "$1/env"; printf %s "$2" > "$1/argument"', runner.folder, '$(id); *');
    expect(await runner.run(hook, undefined, env)).toEqual({ ok: true });
    const lines = written('env').trimEnd().split('\n');
    // what the shell itself adds
    const ours = lines.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
    expect(ours.toSorted()).toEqual([
      '/run/b token',
      expect.stringMatching(/^PATH=/),
      'TOKENWARD_AGENT=web-01',
      'TOKENWARD_FILES=/run/a.token',
      'TOKENWARD_SEQUENCE=7',
    ]);
    expect([written('argument'), lines.join().includes(theToken)]).toEqual(['$(id); *', false]);
  });

  it('has failed with another end than 0, and what it said is told, but for the token', async () => {
    const hook = exec(`echo "bad token ${theToken}" >&2; printf 'more \\033[1m\\n'; exit 3`);
    expect(await runner.run(hook)).toEqual(
      failing(
        '/hook ended with 3',
        expect.stringMatching(/^(?:bad token \[token\]|more \?\[1m)\n/) as unknown as string,
      ),
    );
  });

  it('says so where it cannot be started', async () => {
    const command = [join(runner.folder, 'none')];
    expect(await runner.run({ kind: 'exec', command, timeoutMs: 1_000 })).toEqual(
      failing('cannot be started (ENOENT)'),
    );
  });

  it('is killed with all that it has started when its time is over', async () => {
    const impatience = new AbortController();
    const result = runner.run(
      exec('sleep 600 & echo $! > "$1/child"; wait', runner.folder),
      impatience.signal,
    );
    const child = await eventually(() => {
      const pid = Number(written('child'));
      expect(pid).toBeGreaterThan(0);
      return pid;
    });
    impatience.abort();
    expect(await result).toEqual(failing('took too long and was killed'));
    await eventually(() => expect(() => process.kill(child, 0)).toThrow('ESRCH'));
  });
});

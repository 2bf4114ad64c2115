import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { reportArguments, takeReport } from '../../support/api/curl-report.ts';
import { eventually } from '../../support/eventually.ts';
import { Serving } from './serving.ts';

/** What users type. The last parameter is the URL. */
async function curl({ path: socket }: Serving, ...parameters: string[]): Promise<string> {
  const always = ['-sS', '--unix-socket', socket, ...reportArguments];
  const written = await promisify(execFile)('curl', [...always, ...parameters]);
  takeReport(written, new URL(parameters.at(-1) ?? '').pathname);
  return written.stdout;
}

const token = 'http://localhost/v1/agents/web-01/token';

describe('curl', () => {
  it('gets the token', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    expect(JSON.parse(await curl(serving, token))).toMatchObject({ access_token: 'abc' });
    expect(await curl(serving, '-H', 'Accept: text/plain', token)).toBe('abc');
  });

  it('gets it twice over one connection', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await serving.listen();
    expect(await curl(serving, '-H', 'Accept: text/plain', token, token)).toBe('abcabc');
  });

  it('is told by its exit code that there is none', async () => {
    await using serving = new Serving();
    serving.agent();
    await serving.listen();
    await expect(curl(serving, '-f', token)).rejects.toMatchObject({ code: 22 });
  });

  it.each([
    ['--data-binary', '@-'],
    ['-T', '-'],
  ])('hands over a secret with %s %s', async (...how) => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const { path: socket } = serving;
    const command = [
      '-sS',
      '--unix-socket',
      socket,
      '-X',
      'PUT',
      ...how,
      'http://localhost/v1/agents/web-01/secret',
    ];
    const running = promisify(execFile)('curl', command);
    running.child.stdin?.end('new-secret\n');
    await eventually(() =>
      expect(agent.handOvers.map(({ secret }) => secret.reveal())).toEqual(['new-secret']),
    );
    agent.handOvers[0]?.stored.resolve();
    expect(JSON.parse((await running).stdout)).toMatchObject({ agent: 'web-01' });
  });
});

import { describe, expect, it } from 'vitest';
import { AlertReceiver } from '../../support/alert-receiver.ts';
import { Stage } from './stage.ts';

describe('alerts test', () => {
  it('sends a test and its end through every channel, and says so', async () => {
    await using receiver = await AlertReceiver.listening();
    const alerts = `[{ log: {} }, { webhook: { url: "${receiver.url}/hook" } }, { exec: [/bin/cat] }]`;
    using stage = new Stage({ alerts });
    const { code, stdout, stderr } = await stage.run(['alerts', 'test']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^ok {2}log +always there\nok {2}webhook 127\.0\.0\.1:\d+ +taken, and its end, in \d+ ms\nok {2}exec \/bin\/cat +taken/,
    );
    const marked = { code: 'TEST', severity: 'info', test: true, agent: null };
    expect(receiver.bodies).toMatchObject([
      { status: 'firing', ...marked, headline: expect.stringContaining('a test of the alerts') as unknown },
      { status: 'resolved', ...marked },
    ]);
  });

  it.each([
    ['nobody listens', 69, '{ alertmanager: { url: "http://127.0.0.1:9" } }', 'SERVER_UNREACHABLE'],
    ['a key file is missing', 78, '{ webhook: { url_file: ./none } }', 'KEY_FILE_UNUSABLE'],
    ['a program fails', 78, '{ exec: [/bin/false] }', 'OUTPUT_FAILED'],
  ])(
    'tells a program which channel failed, where %s, and ends with %d',
    async (_why, exitCode, entry, problem) => {
      using stage = new Stage({ alerts: `[${entry}, { exec: [/bin/true] }]` });
      const { code, stdout, stderr } = await stage.run(['alerts', 'test', '--json']);
      expect(code).toBe(exitCode);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        channels: [
          { ok: false, code: problem },
          { ok: true, code: null },
        ],
      });
      expect(stderr).toMatch(
        new RegExp(`^tokenward: 1 of 2 channels did not take the test; .*\\(${problem}\\)\n$`),
      );
    },
  );

  it('ends with 77 where a receiver refuses', async () => {
    await using receiver = await AlertReceiver.listening();
    receiver.status = 401;
    using stage = new Stage({ alerts: `[{ webhook: { url: "${receiver.url}" } }, { exec: [/bin/true] }]` });
    const { code, stdout } = await stage.run(['alerts', 'test']);
    expect(code).toBe(77);
    expect(stdout).toMatch(/^failed {2}webhook .* answered 401; .* \(SERVER_REFUSED\)$/m);
  });

  it('is what must be asked for', async () => {
    using stage = new Stage();
    const { code, stderr } = await stage.run(['alerts']);
    expect(code).toBe(64);
    expect(stderr).toContain('the argument action (test) is missing; see `tokenward alerts --help`');
  });

  it('says what to add where there is nothing to test', async () => {
    using stage = new Stage();
    const { code, stdout } = await stage.run(['alerts', 'test']);
    expect(code).toBe(0);
    expect(stdout).toContain('no other channel is configured; add one to `alerts`');
  });
});

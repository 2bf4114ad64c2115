import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Kept } from './kept.ts';
import { expectTold } from './told.ts';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

const askers = [['status'], ['status', 'web-01'], ['token', 'web-01'], ['refresh', 'web-01']];

describe('an agent that is not in the configuration', () => {
  it.each([
    [['status', 'web-1'], 'did you mean "web-01"?'],
    [['token', 'web01'], 'did you mean "web-01"?'],
    [['refresh', 'wbe-01'], 'did you mean "web-01"?'],
    [['enroll', 'web-02'], 'did you mean "web-01"?'],
    [['import', 'db'], 'it has web-01'],
  ])('%j', async (args, advice) => {
    const says = ['no agent of that name', advice];
    const ran = await site.cli(args, { stdin: 'a secret' });
    expectTold(ran, { code: 'AGENT_UNKNOWN', exitCode: 64, says });
  });
});

describe('no daemon', () => {
  it.each(askers)('%s %s', async (...args) => {
    const says = [site.socketPath, 'tokenward run', 'systemctl start tokenward'];
    expectTold(await site.cli(args), { code: 'DAEMON_NOT_RUNNING', exitCode: 69, says });
  });

  it('because the configuration has no socket for one', async () => {
    await site.configure({ top: { listeners: [] } });
    const says = ['no unix socket', '- unix: /run/tokenward/tokenward.sock'];
    expectTold(await site.cli(['status']), { code: 'CONFIG_INVALID', exitCode: 78, says });
  });

  it('but another program that answers', async () => {
    const unix = join(site.folder, 'other.sock');
    await using other = createServer((_request, response) => response.end('hello')).listen(unix);
    await once(other, 'listening');
    await site.configure({ socket: { unix } });
    const says = [unix, 'is not a tokenward daemon', 'see to the path of the listener'];
    for (const args of askers)
      expectTold(await site.cli(args), { code: 'DAEMON_NOT_RUNNING', exitCode: 69, says });
  });
});

describeRoot('a daemon that does not let this user', () => {
  const { alice } = strangers;
  const commands = [
    ['status', 'web-01'],
    ['token', 'web-01'],
    ['import', 'web-01'],
  ];

  it.each([
    [
      'connect',
      { mode: '0600' },
      ['this user may not connect', 'run this as root', 'give the listener a `group`'],
    ],
    [
      'ask',
      { mode: '0666' },
      [`uid ${alice} (groups ${alice})`, `add a rule such as { user: ${alice}, may: [`],
    ],
  ])('%s', async (_what, socket, says) => {
    await site.configure({ socket });
    await chmod(site.folder, 0o711);
    await chmod(site.configFile, 0o644);
    await using daemon = site.run();
    await daemon.started();
    for (const args of commands) {
      const ran = await site.cli(args, { uid: alice, gid: alice, stdin: 'another secret' });
      expectTold(ran, { code: 'PEER_DENIED', exitCode: 77, says });
    }
    expect((await daemon.end()).exitCode).toBe(0);
    await kept.unharmed();
  });
});

it('then all goes on as before', () => kept.goesOn());

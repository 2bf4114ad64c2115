import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/platform/native.ts';
import { bindSocketCalls } from '../../../src/platform/systemd/inherited-sockets.ts';
import { eventually } from '../../support/eventually.ts';
import { listeningSocket } from '../../support/raw-sockets.ts';
import { RawClient } from './raw-client.ts';
import { Serving } from './serving.ts';

const calls = bindSocketCalls((await loadNative()).systemLibrary());
const ask = 'GET /v1/agents/web-01/token HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a socket that outlives its listener', () => {
  it('answers whoever has connected before the end, and says that it was the last time', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    using socket = listeningSocket({ path: serving.path });
    const listener = await serving.listen({ inherited: calls.duplicate(socket.descriptor) });
    using silent = new RawClient(serving.path);
    using kept = new RawClient(serving.path);
    await silent.send('');
    await kept.send(ask);
    expect(await kept.responses(1)).not.toContain('Connection: close');
    const closed = listener.close(60_000);
    await silent.send(ask);
    await kept.send(ask);
    for (const client of [silent, kept]) {
      expect(await client.untilEnded()).toMatch(/^HTTP\/1.1 200 OK[^]*Connection: close/);
    }
    await closed;
  });

  it('ends idle connections a moment later', async () => {
    await using serving = new Serving();
    serving.agent();
    using socket = listeningSocket({ path: serving.path });
    const listener = await serving.listen({ inherited: calls.duplicate(socket.descriptor) });
    using idle = new RawClient(serving.path);
    await idle.send('');
    const closed = listener.close(60_000);
    await eventually(() => expect(serving.clock.nextDueInMs()).toBe(100));
    serving.clock.advance(99);
    await idle.send('');
    expect(idle.ended).toBe(false);
    serving.clock.advance(1);
    await idle.untilEnded();
    await closed;
  });

  it('keeps who comes after the end in its queue, for the next one', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    using socket = listeningSocket({ path: serving.path });
    const first = await serving.listen({ inherited: calls.duplicate(socket.descriptor) });
    await serving.cutOff(first.close(0));
    expect(existsSync(serving.path)).toBe(true);
    using client = new RawClient(serving.path);
    await client.send(ask);
    expect(client.received).toBe('');
    await serving.listen({ inherited: calls.duplicate(socket.descriptor) });
    expect(await client.responses(1)).toMatch(/^HTTP\/1.1 200 OK/);
  });
});

it('a descriptor that takes no connections is refused with what to do, and closed', async () => {
  await using serving = new Serving();
  const file = openSync('/dev/null', 'r');
  await expect(serving.listen({ inherited: file })).rejects.toMatchObject({
    code: 'SOCKET_UNUSABLE',
    message: expect.stringContaining('ListenStream= of its socket unit') as string,
  });
  expect(() => closeSync(file)).toThrow('EBADF');
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNative } from '../../../../src/platform/native.ts';
import { openNotifySocket } from '../../../../src/platform/systemd/notify-socket.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';
import { NotifyReceiver } from '../../../support/raw-sockets.ts';

const library = (await loadNative()).systemLibrary();

describe('a message to the service manager', () => {
  let folder: string;
  let clock: ManualClock;
  let failures: unknown[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-notify-'));
    clock = new ManualClock();
    failures = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (address: string) =>
    openNotifySocket(address, { library, clock, onFailed: (error) => failures.push(error) });

  it.each([
    ['a path', () => join(folder, 'notify')],
    ['an abstract name', () => `@tokenward-test-${randomUUID()}`],
  ])('arrives whole at %s', (_kind, addressOf) => {
    const address = addressOf();
    using receiver = new NotifyReceiver(address);
    const notify = open(address);
    notify.send(['READY=1', 'STATUS=web-01 aktiv, nächste Erneuerung']);
    notify.send([]);
    notify.send(['WATCHDOG=1']);
    expect(receiver.messages).toEqual(['READY=1\nSTATUS=web-01 aktiv, nächste Erneuerung\n', 'WATCHDOG=1\n']);
    notify.close();
    expect(failures).toEqual([]);
  });

  it('waits where the queue is full, and keeps its place', () => {
    const address = join(folder, 'notify');
    using receiver = new NotifyReceiver(address);
    const notify = open(address);
    let sent = 0;
    while (clock.nextDueInMs() === null && sent < 10_000) notify.send([`STATUS=${++sent}`]);
    notify.send(['READY=1']);
    const arrived = receiver.lines.length;
    expect(arrived).toBe(sent - 1);
    clock.advance(200);
    expect(receiver.lines.slice(arrived)).toEqual([`STATUS=${sent}`, 'READY=1']);
    notify.close();
    expect(failures).toEqual([]);
  });

  it('is given up, and told, where nobody is there any more', () => {
    const address = join(folder, 'notify');
    const receiver = new NotifyReceiver(address);
    const notify = open(address);
    receiver[Symbol.dispose]();
    notify.send(['READY=1']);
    expect(failures).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(clock.nextDueInMs()).toBeNull();
    notify.close();
  });

  it.each(['', 'relative', 'vsock:2:1234', `/${'x'.repeat(120)}`])('has no way to "%s"', (address) => {
    expect(() => open(address)).toThrow('NOTIFY_SOCKET');
  });
});

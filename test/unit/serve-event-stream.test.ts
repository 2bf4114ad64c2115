import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../src/serve/event-stream.ts';
import { FakeAgent } from '../fakes/fake-agent.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

const agent = new FakeAgent('web-01', new ManualClock());

/** A client that takes what comes, until it is told to read no more. */
class Client extends Writable {
  received = '';
  reads = true;
  #held: (() => void) | null = null;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.received += chunk.toString();
    if (this.reads) done();
    else this.#held = done;
  }

  readOn(): void {
    this.reads = true;
    this.#held?.();
  }
}

function following(isAllowed: () => boolean = () => true) {
  const client = new Client();
  return { client, stream: new EventStream(client, isAllowed) };
}

describe('EventStream', () => {
  it('beats with a comment while nothing is under way', () => {
    const { client, stream } = following();
    stream.beat();
    stream.news(agent, Buffer.from('event\n\n'));
    stream.beat();
    expect(client.received).toBe(':\n\nevent\n\n:\n\n');
  });

  it('cuts off a client that reads nothing for four beats, and does not heap beats up meanwhile', () => {
    const { client, stream } = following();
    client.reads = false;
    stream.news(agent, Buffer.from('event\n\n'));
    for (const _ of [1, 2, 3]) stream.beat();
    expect([client.destroyed, client.writableLength]).toEqual([false, 'event\n\n'.length]);
    stream.beat();
    expect(client.destroyed).toBe(true);
  });

  it('forgives a client that reads again', () => {
    const { client, stream } = following();
    client.reads = false;
    stream.news(agent, Buffer.from('event\n\n'));
    for (const _ of [1, 2, 3]) stream.beat();
    client.readOn();
    for (const _ of [1, 2, 3, 4]) stream.beat();
    expect([client.destroyed, client.received]).toEqual([false, `event\n\n${':\n\n'.repeat(4)}`]);
  });

  it('cuts off a client with more than 16 KiB unread', () => {
    const { client, stream } = following();
    client.reads = false;
    const kibibyte = Buffer.alloc(1024);
    for (let count = 0; count < 17; count += 1) stream.news(agent, kibibyte);
    expect([client.destroyed, client.writableLength]).toEqual([false, 17 * 1024]);
    stream.news(agent, kibibyte);
    expect([client.destroyed, client.writableLength]).toEqual([true, 17 * 1024]);
  });

  it.each<[string, (stream: EventStream) => void]>([
    ['an event', (stream) => stream.news(agent, Buffer.from('secret'))],
    ['a beat', (stream) => stream.beat()],
  ])('ends in good order instead of %s where that is not allowed any more', (_what, happens) => {
    const { client, stream } = following(() => false);
    happens(stream);
    expect([client.writableEnded, client.destroyed, client.received]).toEqual([true, false, '']);
  });

  it('says nothing after its end', () => {
    const { client, stream } = following();
    stream.over();
    stream.over();
    stream.news(agent, Buffer.from('event'));
    stream.beat();
    client.destroy();
    stream.news(agent, Buffer.from('event'));
    expect(client.received).toBe('');
  });
});

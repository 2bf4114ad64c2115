import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { accepting, Proxying, sha256, someBytes } from './proxying.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

async function* inPieces(body: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += size) yield body.subarray(at, at + size);
}

/** The agent gets its next token as soon as somebody was rejected with the first. */
function renewing(proxying: Proxying): void {
  const report = proxying.agent.report.bind(proxying.agent);
  proxying.agent.report = (rejection) => {
    const said = report(rejection);
    queueMicrotask(() => proxying.agent.publish('second'));
    return said;
  };
}

describe('a request whose token is rejected', () => {
  it.each([401, 403, 440])('is sent again with the next token after a %i', async (status) => {
    await using proxying = await Proxying.start();
    renewing(proxying);
    proxying.behaviour = (request, response) =>
      void response.writeHead(request.headers.authorization === 'Bearer first' ? status : 201).end();
    expect(await proxying.post(Buffer.from('[1]'))).toMatchObject({ status: 201 });
    expect(proxying.received.map(({ sha256: hash }) => hash)).toEqual(
      Array(2).fill(sha256(Buffer.from('[1]'))),
    );
  });

  it('is passed on as it is where the status says something else', async () => {
    await using proxying = await Proxying.start({ rejected: new Set([401]) });
    proxying.behaviour = (_request, response) => void response.writeHead(403).end();
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 403 });
    expect(proxying.agent.rejections).toEqual([]);
  });

  it('is answered 503 where no other token comes, and whoever follows does not wait', async () => {
    await using proxying = await Proxying.start();
    proxying.behaviour = accepting('another');
    const waiting = proxying.post(Buffer.from('[]'));
    await eventually(() => expect(proxying.agent.listeners).toBe(1));
    proxying.clock.advance(15_000);
    const answer = await waiting;
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'TOKEN_REJECTED', agent: 'web-01' });
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 503 });
    expect(proxying.agent.rejections).toHaveLength(1);
  });

  it('is answered 503 where the next token is rejected as well, and that is reported too', async () => {
    await using proxying = await Proxying.start();
    renewing(proxying);
    proxying.behaviour = accepting('another');
    expect(await proxying.post(Buffer.from('[]'))).toMatchObject({ status: 503 });
    expect(proxying.received).toHaveLength(2);
    expect(proxying.agent.rejections).toHaveLength(2);
  });

  it('is answered 503 where its body could not be kept, and passes where it is not rejected', async () => {
    await using proxying = await Proxying.start();
    proxying.openFile = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    const body = someBytes(300 * KiB);
    expect(await proxying.post(body)).toMatchObject({ status: 200 });
    renewing(proxying);
    proxying.behaviour = accepting('second');
    expect(await proxying.post(body)).toMatchObject({ status: 503 });
    expect(proxying.log.lines.map(({ event }) => event)).toContain('proxy-spool-failed');
    expect(await proxying.post(body)).toMatchObject({ status: 200 });
  });
});

describe('bodies', () => {
  const sizes = [0, 1, 255 * KiB, 256 * KiB + 1, 5 * MiB + 3, 64 * MiB];

  it.each(sizes.flatMap((size) => [[size, 'with a length'] as const, [size, 'chunked'] as const]))(
    'arrive byte for byte, %i bytes %s, both times',
    async (size, framing) => {
      await using proxying = await Proxying.start();
      renewing(proxying);
      proxying.behaviour = accepting('second');
      const body = someBytes(size);
      const answer = await proxying.post(framing === 'chunked' ? inPieces(body, 100_003) : body);
      expect(answer).toMatchObject({ status: 200 });
      const whole = { bytes: size, sha256: sha256(body) };
      expect(proxying.received).toMatchObject([whole, whole]);
      // 256 KiB stay in memory.
      expect(proxying.scratchFiles).toBe(size > 256 * KiB ? 1 : 0);
    },
  );

  it('arrive byte for byte whatever their size, their pieces and their coding, both times', async () => {
    await using proxying = await Proxying.start();
    const some = fc.record({
      // Around what stays in memory, and anywhere.
      size: fc.oneof(fc.integer({ min: 255 * KiB, max: 258 * KiB }), fc.nat(3 * MiB)),
      piece: fc.option(fc.integer({ min: 1_000, max: 300_000 })),
      isCompressed: fc.boolean(),
    });
    const sent = fc.asyncProperty(some, async ({ size, piece, isCompressed }) => {
      const body = isCompressed ? gzipSync(someBytes(size)) : someBytes(size);
      const rejected = proxying.agent.token()?.text.reveal();
      const from = proxying.received.length;
      proxying.behaviour = (request, response) =>
        void response.writeHead(request.headers.authorization === `Bearer ${rejected}` ? 401 : 200).end();
      const headers = isCompressed ? { 'content-encoding': 'gzip' } : {};
      const answer = proxying.post(piece === null ? body : inPieces(body, piece), { headers });
      await eventually(() => expect(proxying.agent.listeners).toBe(1));
      proxying.agent.publish(`after ${rejected}`);
      expect(await answer).toMatchObject({ status: 200 });
      const whole = { bytes: body.byteLength, sha256: sha256(body), headers };
      expect(proxying.received.slice(from)).toMatchObject([whole, whole]);
    });
    await fc.assert(sent, { numRuns: 20 });
  });

  it('stay compressed', async () => {
    await using proxying = await Proxying.start();
    const body = gzipSync(someBytes(MiB));
    await proxying.post(body, { headers: { 'content-encoding': 'gzip' } });
    expect(proxying.received).toMatchObject([
      { headers: { 'content-encoding': 'gzip' }, sha256: sha256(body) },
    ]);
  });

  it.each(['with a length', 'chunked'])('that are too large are refused: %s', async (framing) => {
    await using proxying = await Proxying.start({ maxBody: MiB });
    const body = someBytes(MiB + 1);
    const answer = await proxying.post(framing === 'chunked' ? inPieces(body, 64 * KiB) : body);
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(proxying.received).toEqual([]);
  });
});

describe('a thousand requests at the death of a token', () => {
  it('lead to one report, and every one is taken', async () => {
    await using proxying = await Proxying.start();
    proxying.behaviour = accepting('second');
    const agent = new Agent({ keepAlive: true });
    const answers = Array.from({ length: 1_000 }, (_, index) =>
      proxying.post(Buffer.from(`[${index}]`), { agent }),
    );
    await eventually(() => expect(proxying.received).toHaveLength(1_000));
    await eventually(() => expect(proxying.agent.listeners).toBe(1));
    proxying.agent.publish('second');
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    agent.destroy();
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(proxying.agent.rejections).toHaveLength(1);
    expect(proxying.received).toHaveLength(2_000);
  });
});
